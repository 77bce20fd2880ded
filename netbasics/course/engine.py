"""Run a lesson's steps and tell what happens.

The engine knows no terminal. It hands events to a view and asks the view when
to go on; what a step prints reaches the view as it is printed.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import get_args

from netbasics.course import events
from netbasics.course.events import Action, Answer, Outcome, Pause, View
from netbasics.course.lesson import Lesson
from netbasics.course.steps import HOOK, Part, Step
from netbasics.course.streams import OutputLost, Printed
from netbasics.course.tracebacks import from_file

__all__ = ["Left", "OutputLost", "play", "run_step"]

EVERYTHING: frozenset[Action] = frozenset(get_args(Action))


class Left(Exception):
    """The learner chose to leave; `step` is where to go on, if it is known."""

    def __init__(self, step: Step | None) -> None:
        super().__init__("left")
        self.step = step


def play(
    lesson: Lesson, steps: Sequence[Step], view: View, *, begin: int = 0
) -> tuple[Step, ...]:
    """Play steps of a lesson, one after the other.

    Args:
        lesson: The lesson.
        steps: Which of its steps, in the order in which to play them.
        view: Shows the events and says when to go on.
        begin: With which of `steps` to begin, from 0. A learner can go back
            to those before it.

    Returns:
        The steps that failed. A step that fails does not end the lesson.

    Raises:
        Left: The learner left, by choice or with Ctrl-C.
    """
    several = len(steps) > 1 or len(lesson.steps) == 1
    whole = several and steps[:1] == lesson.steps[:1] and not begin
    ended: dict[int, events.StepEnded] = {}  # of each step, the last run
    place = begin
    try:
        view.show(events.LessonBegan(lesson, whole))
        if whole and view.wait(Pause("next step")) == "leave":
            raise Left(steps[0])
        while place < len(steps):
            run = _Run(lesson, steps[place], view, steps[place + 1 :])
            action = run.play()
            if run.ended is not None:
                ended[run.step.number] = run.ended
            if action == "leave":
                raise Left(run.step if run.ended is None else run.next)
            place = max(0, place + {"again": 0, "back": -1}.get(action, 1))
    except KeyboardInterrupt:
        raise Left(steps[place] if steps else None) from None
    runs = ended.values()
    failed = tuple(end.step for end in runs if end.outcome == "failed")
    view.show(
        events.LessonEnded(
            lesson,
            several and steps[-1:] == lesson.steps[-1:],
            sum(end.seconds for end in runs),
            len(runs),
            sum(end.outcome == "skipped" for end in runs),
            failed,
        )
    )
    return failed


def run_step(lesson: Lesson, step: Step, view: View) -> events.StepEnded:
    """Run one step in a namespace of its own, part by part.

    Returns:
        How it ended, as the view was told.

    Raises:
        Left: The learner left before it had ended.
    """
    run = _Run(lesson, step, view, ())
    run.play()
    if run.ended is None:
        raise Left(step)
    return run.ended


class _Run:
    """One run of a step.

    A learner who is asked something after a part finds its with-blocks open:
    the part's code calls back before it leaves them, and what comes next is
    shown and asked from there.
    """

    def __init__(
        self, lesson: Lesson, step: Step, view: View, after: Sequence[Step]
    ) -> None:
        self.step = step
        self.next = after[0] if after else None
        self.ended: events.StepEnded | None = None
        self._lesson = lesson
        self._view = view
        self._names = lesson.namespace()
        self._at = 0  # the part that runs next
        self._action: Action = "go"
        self._given: str | None = None
        self._outcome: Outcome = "done"
        self._seconds = 0.0
        self._printed: Printed | None = None  # set while code waits for us

    def play(self) -> Action:
        """Run it and return what the learner wants next."""
        self._view.show(events.StepBegan(self.step, len(self._lesson.steps)))
        reason = self.step.missing()
        if reason:
            self._view.show(events.Skipped(reason))
            self._outcome = "skipped"
        with self._watched() as self._seen:
            if reason:
                self._finish()
            else:
                self._tell(0)
            while self._action == "go" and self._at < len(self.step.parts):
                self._run(self.step.parts[self._at])
        if self._at >= len(self.step.parts):
            self.ended = events.StepEnded(
                self.step, self._outcome, self._seconds, self._names
            )
            self._view.show(self.ended)
        return self._action

    def _watched(self) -> AbstractContextManager[events.Drawing | None]:
        """Watch the sockets, if somebody may want to see."""
        if not self._view.attended:
            return nullcontext()
        from netbasics import wire

        return wire.watch()

    def _tell(self, at: int) -> None:
        """Show the parts from `at` on, up to the next code, and ask."""
        for number, part in enumerate(self.step.parts[at:], at):
            if part.prose:
                self._view.show(events.Prose(part.prose))
            if part.code is not None:
                self._at = number
                self._view.show(events.Code(part.source, part.line))
                if part.question is not None:
                    self._view.show(events.Asked(part.question))
                self._pause(Pause("run", part.question, EVERYTHING))
                return
        self._finish()

    def _finish(self) -> None:
        """Ask what comes after the step."""
        self._at = len(self.step.parts)
        before = "next step" if self.next else "the end"
        self._pause(Pause(before, None, EVERYTHING))

    def _pause(self, pause: Pause) -> None:
        """Do what the learner asks for, until it is to go somewhere."""
        while True:
            try:
                wanted = self._view.wait(pause)
            except KeyboardInterrupt:
                wanted = "leave"
            match wanted:
                case "code":
                    for part in self.step.parts[: self._at + 1]:
                        if part.code is not None:
                            self._view.show(events.Code(part.source, part.line))
                case "wire":
                    if self._seen is not None:
                        self._view.show(events.Wire(self._seen))
                case "python":
                    names = {k: v for k, v in self._names.items() if k != HOOK}
                    self._visit(events.AtPrompt(self.step, names))
                case "edit":
                    self._visit(events.Editing(self._lesson, self.step))
                case Answer(text):
                    self._given = text
                    return
                case action:
                    self._action = action
                    return
            if pause.question is not None:
                # What was shown has moved it up, perhaps out of sight.
                self._view.show(events.Asked(pause.question))

    def _visit(self, event: events.Event) -> None:
        """Show what is a program of its own, which needs the real streams."""
        printed = self._printed
        with printed.given_back() if printed else nullcontext():
            self._view.show(event)

    def _run(self, part: Part) -> None:
        """Run a part's code, and show what comes behind it."""
        code = part.staying() if self._view.attended else None
        told = False

        def before_closing() -> None:
            nonlocal told
            told = True
            stop_clock()
            self._printed = printed
            with printed.paused():
                self._after(part)
            self._printed = None

        def stop_clock() -> None:
            self._seconds += time.perf_counter() - began
            self._view.show(events.Running(on=False))

        self._names[HOOK] = before_closing
        failure: BaseException | None = None
        with Printed(self._view) as printed:
            self._view.show(events.Running(on=True))
            began = time.perf_counter()
            try:
                exec(code or part.code or "", self._names)
            except (KeyboardInterrupt, OutputLost):
                self._view.show(events.Running(on=False))
                raise
            except BaseException as error:  # SystemExit, CancelledError too
                failure = error
            if not told:
                stop_clock()
        del self._names[HOOK]
        if failure is not None:
            self._fail(failure)
            self._finish()
        elif not told:
            self._after(part)

    def _after(self, part: Part) -> None:
        """Say what became of the prediction, and show what comes next."""
        given, self._given = self._given, None
        if part.question is not None:
            try:
                verdict = part.question.judge(given, self._names)
            except Exception as error:
                self._fail(error)
            else:
                self._view.show(events.Answered(part.question, verdict))
        self._tell(self._at + 1)

    def _fail(self, error: BaseException) -> None:
        text = from_file(error, str(self._lesson.path))
        self._view.show(events.Failed(error, text))
        self._outcome = "failed"
