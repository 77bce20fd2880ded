"""The learner's folder: where the exercises are written, and what is done.

    netbasics-practice/
        README.md  pytest.ini  conftest.py
        practice.json              what is done, which hints were shown
        01_socket_programming/
            0_greeting/            greeting.py, test_greeting.py
            1_recv_exactly/        ...

Nothing in it says where it lies, so it can be moved and copied. A file that is
there is never written over: it may be hours of work.

`practice.json` is for people to read:

    {
      "version": 1,
      "exercises": {
        "recv_exactly": {
          "done": "2026-11-20T21:40:07+01:00",
          "hints": 2,
          "spoiled": null

`done` is when the check passed first; `spoiled` is when the reference solution
was shown before that.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from netbasics.places import home
from netbasics.practice.catalogue import Exercise, exercises
from netbasics.records import Record

__all__ = [
    "MARK",
    "NoWorkspace",
    "State",
    "Workspace",
    "place_of",
    "shipped",
    "write_new",
]

MARK = "practice.json"  # a folder that has it is a workspace


class NoWorkspace(LookupError):
    """There is no folder with exercises here; the message says what to do."""


@dataclass(frozen=True)
class State:
    """What is remembered of an exercise."""

    done: str | None = None
    hints: int = 0
    spoiled: str | None = None


class Workspace:
    """A learner's folder.

    Args:
        folder: The folder.
        course: The exercises; all there are, if left out.
    """

    def __init__(
        self, folder: Path, course: Sequence[Exercise] | None = None
    ) -> None:
        self.folder = folder
        self.course = exercises() if course is None else tuple(course)
        self.record = Record(folder / MARK, version=1)

    def __repr__(self) -> str:
        done = len(self.done())
        return f"<Workspace {self.folder}: {done} of {len(self.course)} done>"

    @classmethod
    def find(cls, start: Path) -> "Workspace":
        """Return the workspace around a folder, else the one made last.

        Raises:
            NoWorkspace: There is neither.
        """
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / MARK).is_file() and not _is_home(folder):
                return cls(folder)
        latest = Record(home() / MARK, version=1).read().get("latest")
        if isinstance(latest, str) and (Path(latest) / MARK).is_file():
            return cls(Path(latest))
        gone = f" ({latest}, made last, is gone)" if latest else ""
        raise NoWorkspace(
            f"there is no folder with exercises here{gone}; `netbasics init` "
            "makes one"
        )

    @property
    def notices(self) -> list[str]:
        """What the learner should know about the record, a sentence each."""
        return self.record.notices

    def file(self, exercise: Exercise) -> Path:
        """Return the file that the learner writes."""
        return self.folder / place_of(exercise) / exercise.stub.name

    def test(self, exercise: Exercise) -> Path:
        """Return the learner's copy of the check."""
        return self.folder / place_of(exercise) / exercise.test.name

    def state(self, exercise: Exercise) -> State:
        """Return what is remembered of an exercise."""
        return State(**self._entries().get(exercise.name, {}))

    def done(self) -> set[str]:
        """Return the names of the exercises that are done."""
        entries = self._entries()
        names = {each.name for each in self.course}
        return {n for n in names & entries.keys() if entries[n].get("done")}

    def current(self) -> Exercise | None:
        """Return the first exercise that is not done; None if all are."""
        done = self.done()
        return next((x for x in self.course if x.name not in done), None)

    def passed(self, exercise: Exercise) -> None:
        """Note that the check passed; the first time is the one that counts."""
        if not self.state(exercise).done:
            self._note(exercise, done=_now())

    def hinted(self, exercise: Exercise, step: int) -> None:
        """Note that hints were shown up to this one."""
        if step > self.state(exercise).hints:
            self._note(exercise, hints=step)

    def showed_solution(self, exercise: Exercise) -> None:
        """Note that the solution was shown, if that was before a pass."""
        state = self.state(exercise)
        if not (state.done or state.spoiled):
            self._note(exercise, spoiled=_now())

    def reset(self, exercise: Exercise) -> Path | None:
        """Make an exercise's files new; return where the learner's is kept.

        It is kept as `NAME.1.py`, which pytest does not collect and Python
        does not import. A file that is as it was shipped is not kept: then,
        and if there is none, the result is None.
        """
        file, kept = self.file(exercise), None
        new = exercise.stub.read_bytes()
        file.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(file) and not _holds(file, new):
            kept = _free(file)
            os.rename(file, kept)
        write_new(file, new)
        test = self.test(exercise)
        if os.path.lexists(test) and not _holds(test, shipped(exercise)):
            os.rename(test, _free(test))
        write_new(test, shipped(exercise))
        return kept

    def _note(self, exercise: Exercise, **news: object) -> None:
        self._entries()  # sets aside what makes no sense
        with self.record.changing() as entries:
            kept = entries.setdefault("exercises", {})
            kept.setdefault(exercise.name, {}).update(news)

    def _entries(self) -> dict[str, dict[str, Any]]:
        entries = self.record.read().get("exercises", {})
        if not _makes_sense(entries):
            self.record.set_aside("its entries are not as this program writes")
            entries = {}
        if not self.record.path.exists():
            # It was set aside. The folder needs a new one to be found by.
            with self.record.changing() as new:
                new["exercises"] = entries
        return entries  # type: ignore[no-any-return]


def place_of(exercise: Exercise) -> Path:
    """Return the exercise's folder within a workspace."""
    lesson = exercise.place.parent.name
    return Path(lesson, f"{exercise.order[1]}_{exercise.name}")


def shipped(exercise: Exercise) -> bytes:
    """Return the check as it came."""
    return exercise.test.read_bytes()


def write_new(file: Path, data: bytes) -> None:
    """Write a file whole or not at all; one that is there is as we wrote it."""
    with suppress(FileExistsError), open(file, "xb") as stream:
        try:
            stream.write(data)
            stream.flush()
        except BaseException:
            file.unlink()
            raise


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _free(file: Path) -> Path:
    """Return a name beside a file that is not taken."""
    number = 1
    while os.path.lexists(kept := file.with_suffix(f".{number}.py")):
        number += 1
    return kept


def _is_home(folder: Path) -> bool:
    """Whether it is the folder where the latest workspace is noted."""
    return folder == home()


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _makes_sense(entries: object) -> bool:
    """Whether this has the shape that a workspace writes."""
    return isinstance(entries, dict) and all(
        isinstance(kept, dict)
        and kept.keys() <= {"done", "hints", "spoiled"}
        and isinstance(kept.get("done"), str | None)
        and isinstance(kept.get("hints", 0), int)
        and isinstance(kept.get("spoiled"), str | None)
        for kept in entries.values()
    )
