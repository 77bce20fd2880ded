"""What the tests of the course share: small lessons, and a view that notes."""

import sys
from pathlib import Path

from netbasics.course import events, locate
from netbasics.course.lesson import Lesson

HEAD = '''"""Small: a lesson for tests.

What one can do after it.
"""

import socket

from netbasics.course import LINUX, Lesson, Need

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
    """A view that keeps the events, and answers what it was told to."""

    def __init__(self, *answers: events.Action) -> None:
        self.events: list[events.Event] = []
        self.pauses: list[events.Pause] = []
        self._answers = list(answers)

    def show(self, event: events.Event) -> None:
        self.events.append(event)

    def wait(self, pause: events.Pause) -> events.Action:
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
        return [type(event).__name__ for event in self.events]

    def only(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def python(*arguments: object) -> list[str]:
    """A command line for this interpreter, warnings as errors."""
    return [sys.executable, "-W", "error", *map(str, arguments)]
