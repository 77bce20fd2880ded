"""What the tests of the course share: small lessons, and a view that notes."""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netbasics.course import events, locate
from netbasics.course.engine import run_step
from netbasics.course.lesson import Lesson

HEAD = '''"""Small: a lesson for tests.

What one can do after it.
"""

import socket

from netbasics.course import LINUX, Choice, Lesson, Need, Number, Text

lesson = Lesson(__file__, __doc__)
'''
TAIL = """

if __name__ == "__main__":
    lesson.main()
"""


def write(folder: Path, steps: str, name: str = "07_small.py") -> Path:
    """Write a lesson script with these steps."""
    path = folder / name
    path.write_text(HEAD + steps + TAIL, "utf-8")
    return path


def make(folder: Path, steps: str) -> Lesson:
    """Write a lesson and load it."""
    return locate.load(write(folder, steps))


class Notes:
    """A view that keeps the events, and answers what it was told to.

    With answers, somebody is there.
    """

    def __init__(self, *answers: events.Action | events.Answer) -> None:
        self.attended = bool(answers)
        self.events: list[events.Event] = []
        self.pauses: list[events.Pause] = []
        self._answers = list(answers)

    def show(self, event: events.Event) -> None:
        self.events.append(event)

    def wait(self, pause: events.Pause) -> events.Action | events.Answer:
        self.pauses.append(pause)
        return self._answers.pop(0) if self._answers else "go"

    def output(self, stream: str = "stdout") -> str:
        """All that the steps wrote."""
        return "".join(
            event.text
            for event in self.events
            if isinstance(event, events.Output) and event.stream == stream
        )

    def kinds(self) -> list[str]:
        names = [type(event).__name__ for event in self.events]
        return [name for name in names if name != "Running"]

    def only(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def python(*arguments: object) -> list[str]:
    """A command line for this interpreter, warnings as errors."""
    return [sys.executable, "-W", "error", *map(str, arguments)]


@dataclass
class Played:
    """What playing one step of a shipped lesson did."""

    outcome: str
    output: str
    errors: str
    names: dict[str, object]


def play_step(lesson: str, name: str) -> Played:
    """Play one step of a numbered lesson, as the script does.

    Args:
        lesson: The lesson's number, such as `"01"`.
        name: The name of the step function.
    """
    loaded = _load(lesson)
    (step,) = [step for step in loaded.steps if step.name == name]
    notes = Notes()
    run_step(loaded, step, notes)
    (ended,) = notes.only(events.StepEnded)
    failures = notes.only(events.Failed)
    return Played(
        ended.outcome,
        notes.output(),
        notes.output("stderr") + "".join(f.traceback for f in failures),
        ended.names,
    )


@cache
def _load(lesson: str) -> Lesson:
    return locate.load(locate.find(lesson))
