"""The list of exercises: what is done, what comes next, what is open."""

from collections.abc import Iterator
from dataclasses import dataclass

from netbasics.practice.catalogue import Exercise
from netbasics.practice.workspace import Workspace

__all__ = ["Row", "rows"]


@dataclass(frozen=True)
class Row:
    """An exercise, where the learner is with it, and the name's width."""

    exercise: Exercise
    state: str
    width: int

    def __str__(self) -> str:
        number = self.exercise.number + "*" * self.exercise.hard
        name = f"{self.exercise.name:{self.width}}"
        return f"{self.state:4}  {number:4}  {name}  {self.exercise.title}"


def rows(work: Workspace) -> Iterator[Row]:
    """Yield a row for each exercise; hard ones have a star."""
    done, current = work.done(), work.current()
    width = max((len(each.name) for each in work.course), default=0)
    for each in work.course:
        state = "next" if each == current else ""
        yield Row(each, "done" if each.name in done else state, width)
