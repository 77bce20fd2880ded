"""Make the learner's folder, or add to it what it lacks."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netbasics.places import home
from netbasics.practice.catalogue import Exercise
from netbasics.practice.workspace import (
    MARK,
    Workspace,
    place_of,
    shipped,
    write_new,
)
from netbasics.records import Record

__all__ = ["DEFAULT", "Made", "init"]

DEFAULT = "netbasics-practice"
FIXED = {
    "README.md": """\
# Exercises of netbasics

Each folder has a file to write and, beside it, the check. Begin with

    netbasics practice

which shows the exercise that comes next and checks it whenever you save.
Or work in your own way:

    netbasics list                  what is done, what comes next
    netbasics check                 check the one that comes next
    netbasics check recv_exactly    check this one
    netbasics hint                  a nudge, the idea, nearly the code
    netbasics reset recv_exactly    begin anew; your file is kept beside it
    pytest                          check all of them
    pytest 01_socket_programming    those of one lesson
    pytest -k recv_exactly          one of them

What a function must do is in its docstring, all of it. `netbasics check` and
`netbasics practice` use the checks as they were shipped, so do change the
copies here, if you like to try something.
""",
    "conftest.py": '''\
"""Runs each check in a process of its own: a hang ends nothing but itself."""
from netbasics.practice.collecting import *  # noqa: F403
''',
    "pytest.ini": """\
[pytest]
addopts = -q --no-header --import-mode=importlib
""",
}
"""The files at the top of the folder."""


@dataclass
class Made:
    """What `init` did: paths within the folder."""

    written: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    others: bool = False
    """Whether other things were in the folder before."""


def init(folder: Path, course: Sequence[Exercise] | None = None) -> Made:
    """Make a folder with all exercises, or add what it lacks.

    Args:
        folder: The folder; it and those above it are made.
        course: The exercises; all there are, if left out.

    Returns:
        What was written, and what was there and left as it was.

    Raises:
        NotADirectoryError: A file is where a folder must be.
        OSError: Something cannot be written.
    """
    folder = folder.absolute()
    work = Workspace(folder, course)
    files = {name: text.encode() for name, text in FIXED.items()}
    for exercise in work.course:
        place = place_of(exercise)
        files[str(place / exercise.stub.name)] = exercise.stub.read_bytes()
        files[str(place / exercise.test.name)] = shipped(exercise)
    _refuse_files([folder, *((folder / name).parent for name in files)])
    made = Made()
    ours = {MARK, *(Path(name).parts[0] for name in files)}
    if folder.is_dir():
        made.others = any(each.name not in ours for each in folder.iterdir())
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        there = os.path.lexists(folder / name)
        (made.left if there else made.written).append(name)
        if not there:
            write_new(folder / name, data)
    with work.record.changing() as entries:
        entries.setdefault("exercises", {})
    with Record(home() / MARK, version=1).changing() as entries:
        entries["latest"] = str(folder)
    return made


def _refuse_files(folders: Sequence[Path]) -> None:
    for folder in folders:
        for place in (folder, *folder.parents):
            if os.path.lexists(place) and not place.is_dir():
                raise NotADirectoryError(
                    f"{place} is a file, and a folder must be there: move it "
                    "away, or choose another folder"
                )
