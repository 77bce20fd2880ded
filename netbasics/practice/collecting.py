"""What pytest does in a learner's folder: each check in its own process.

The folder's `conftest.py` imports the hooks below. A `test_NAME.py` becomes one
item, and pytest's own process never imports it, nor what the learner wrote: a
hang, a crash or `sys.exit()` is the failure of one item.
"""

import os
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from netbasics.practice.catalogue import Exercise, exercises
from netbasics.practice.checking import check
from netbasics.practice.findings import Finding
from netbasics.practice.messages import tell, tell_in_a_line

__all__ = [
    "pytest_pycollect_makemodule",
    "pytest_runtest_protocol",
    "pytest_terminal_summary",
]

UNWRITTEN = "not written"  # a property of a report: the line to show


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> "ExerciseFile | None":
    """Collect an exercise's check, or its source, as one item."""
    name = module_path.stem.removeprefix("test_")
    for exercise in exercises():
        test = module_path.with_name(exercise.test.name)
        if exercise.name == name and test.is_file():
            made = ExerciseFile.from_parent(parent, path=module_path)
            made.exercise = exercise
            return made
    return None  # a test of the learner's own


def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> None:
    """Let the check after this one begin, while this one is told.

    Not under `-x`: what comes after a failure is not to run at all.
    """
    ahead = None if item.config.getoption("maxfail") else nextitem
    for each in (item, ahead):
        if isinstance(each, ExerciseItem):
            each.begin()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: Any,
) -> Generator[None, object, object]:
    """Give what is not written a line each, in the place of a block each."""
    stats = terminalreporter.stats
    failed = stats.pop("failed", [])
    lines = [dict(report.user_properties).get(UNWRITTEN) for report in failed]
    rest = [r for r, line in zip(failed, lines, strict=True) if line is None]
    if rest:
        stats["failed"] = rest
    result = yield
    if failed:
        stats["failed"] = failed
    if any(lines):
        terminalreporter.section("not written yet")
    for line in lines:
        if line is not None:
            terminalreporter.line(line)
    return result


class Told(Exception):
    """A check that did not pass."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.headline)
        self.finding = finding


class ExerciseFile(pytest.File):
    """A file with the check of an exercise."""

    exercise: Exercise

    def collect(self) -> list["ExerciseItem"]:
        """Return the one item."""
        item = ExerciseItem.from_parent(self, name=self.exercise.name)
        item.exercise = self.exercise
        return [item]


class ExerciseItem(pytest.Item):
    """The check of an exercise."""

    exercise: Exercise
    _found: Future[Finding] | None = None

    def begin(self) -> None:
        """Begin in a thread, unless it has begun."""
        if self._found is None:
            self._found = _pool().submit(self._check)

    def runtest(self) -> None:
        """Wait for what is found, and fail if that is no pass."""
        self.begin()
        assert self._found is not None
        found = self._found.result()
        if found.kind == UNWRITTEN:
            line = tell_in_a_line(self.exercise, found)
            self.user_properties.append((UNWRITTEN, line))
        if found.kind != "passed":
            raise Told(found)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """Return what the learner reads, and nothing of our own code."""
        error = excinfo.value
        if isinstance(error, Told):
            return Story(self.exercise, error.finding)
        if isinstance(error, FileNotFoundError):
            return (
                f"{self.exercise.name}.py is not there: `netbasics reset "
                f"{self.exercise.name}` makes it new"
            )
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where it is and how it is called."""
        title = f"{self.exercise.number} {self.exercise.name}"
        return self.path, 0, title

    def _check(self) -> Finding:
        source = self.path.with_name(self.exercise.stub.name)
        test = self.path.with_name(self.exercise.test.name)
        return check(self.exercise, source, test=test)


class Story:
    """A failure as pytest shows it: whole, or in a line of its summary."""

    def __init__(self, exercise: Exercise, finding: Finding) -> None:
        self.text = tell(exercise, finding)
        self.reprcrash = _Crash(tell_in_a_line(exercise, finding))

    def __str__(self) -> str:
        return self.text

    def toterminal(self, tw: Any) -> None:
        """Write it."""
        tw.line(self.text)


class _Crash:
    """Where pytest looks for the line of its short summary."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return self.message


_POOL: list[ThreadPoolExecutor] = []


def _pool() -> ThreadPoolExecutor:
    if not _POOL:
        _POOL.append(ThreadPoolExecutor(max_workers=os.cpu_count() or 2))
    return _POOL[0]
