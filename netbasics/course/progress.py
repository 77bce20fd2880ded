"""How far a learner has come: which steps, which predictions, when.

It is kept in `progress.json` in the learner's folder, for people to read:

    {
      "version": 1,
      "lessons": {
        "01_socket_programming": {
          "at": "ask_and_answer",
          "steps": {
            "someone_to_talk_to": {
              "outcome": "done",
              "when": "2026-11-20T21:40:07+01:00",
              "predictions": [...]

`at` is the step to go on with, or null when the lesson was seen to its end.
"""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

from netbasics.course import events
from netbasics.course.lesson import Lesson
from netbasics.course.steps import Step
from netbasics.places import home
from netbasics.records import Record

__all__ = ["Progress", "Recorder"]


class Progress:
    """What is remembered of all lessons.

    Args:
        record: The file; the learner's own if left out.
    """

    def __init__(self, record: Record | None = None) -> None:
        self.record = record or Record(home() / "progress.json", version=1)

    @property
    def notices(self) -> list[str]:
        """What the learner should know about the file, a sentence each."""
        return self.record.notices

    def of(self, name: str) -> dict[str, Any]:
        """Return what is remembered of the lesson of this name."""
        return self._lesson(self.record.read(), name)

    def done(self, name: str) -> set[str]:
        """Return the names of the steps of a lesson that were done."""
        steps = self.of(name)["steps"].items()
        return {step for step, kept in steps if kept["outcome"] == "done"}

    def latest(self, among: Container[str]) -> tuple[str, str] | None:
        """Return the lesson to go on with, played last, and its next step."""
        lessons = self._lessons(self.record.read())
        begun = [
            (kept["when"], name, kept["at"])
            for name, kept in lessons.items()
            if kept["at"] is not None and name in among
        ]
        return max(begun)[1:] if begun else None

    def where(self, lesson: Lesson) -> Step | None:
        """Return the step to go on with, or None to begin at the beginning."""
        at = self.of(lesson.path.stem)["at"]
        return next((step for step in lesson.steps if step.name == at), None)

    def begin(self, lesson: Lesson, step: Step) -> None:
        """Note that a step begins."""
        with self.record.changing() as entries:
            kept = self._lesson(entries, lesson.path.stem)
            kept["at"], kept["when"] = step.name, _now()

    def end(
        self,
        lesson: Lesson,
        step: Step,
        outcome: str,
        predictions: list[Mapping[str, object]],
    ) -> None:
        """Note how a step ended; a step once done stays done."""
        steps = lesson.steps
        later = steps[steps.index(step) + 1 :]
        with self.record.changing() as entries:
            kept = self._lesson(entries, lesson.path.stem)
            kept["at"] = later[0].name if later else None
            kept["when"] = _now()
            before = kept["steps"].get(step.name, {"predictions": []})
            if before.get("outcome") == "done":
                outcome = "done"
            kept["steps"][step.name] = {
                "outcome": outcome,
                "when": kept["when"],
                "predictions": before["predictions"] + predictions,
            }

    def _lesson(self, entries: dict[str, Any], name: str) -> dict[str, Any]:
        empty: dict[str, Any] = {"at": None, "when": _now(), "steps": {}}
        kept: dict[str, Any] = self._lessons(entries).setdefault(name, empty)
        return kept

    def _lessons(self, entries: dict[str, Any]) -> dict[str, Any]:
        """Return the lessons' entries; set a file of another shape aside."""
        lessons = entries.setdefault("lessons", {})
        if not _makes_sense(lessons):
            self.record.set_aside("its lessons are not as this program writes")
            lessons = entries["lessons"] = {}
        return lessons  # type: ignore[no-any-return]


class Recorder:
    """Takes events in, as a view does, and notes the progress in them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lesson: Lesson | None = None
        self._predictions: list[Mapping[str, object]] = []

    def show(self, event: events.Event) -> None:
        """Note what is to be remembered of an event."""
        match event:
            case events.LessonBegan(lesson):
                self._lesson = lesson
            case events.StepBegan(step) if self._lesson:
                self._predictions = []
                self._progress.begin(self._lesson, step)
            case events.Answered(question, verdict) if verdict.given:
                self._predictions.append(
                    {
                        "question": question.text,
                        "answer": verdict.given,
                        "truth": verdict.truth,
                        "right": verdict.right,
                        "when": _now(),
                    }
                )
            case events.StepEnded(step, outcome) if self._lesson:
                self._progress.end(
                    self._lesson, step, outcome, self._predictions
                )


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _makes_sense(lessons: object) -> bool:
    """Whether this has the shape that `end` writes."""
    return isinstance(lessons, dict) and all(
        isinstance(kept, dict)
        and isinstance(kept.get("when"), str)
        and isinstance(kept.get("at"), str | None)
        and isinstance(kept.get("steps"), dict)
        and all(
            isinstance(step, dict)
            and isinstance(step.get("outcome"), str)
            and isinstance(step.get("predictions"), list)
            for step in kept["steps"].values()
        )
        for kept in lessons.values()
    )
