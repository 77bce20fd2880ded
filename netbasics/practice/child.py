"""The process in which a check runs: `python -m netbasics.practice.child`.

It loads the learner's file, runs the check with pytest up to the first test
that fails, and writes what it found into a file. It is a process of its own,
so that a hang, a crash or `sys.exit()` ends nothing but this attempt.
"""

import faulthandler
import inspect
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from netbasics import wire
from netbasics.practice.check import Check, CheckFailed, raised
from netbasics.practice.fences import bound, fence
from netbasics.practice.findings import Finding, Kind, Line
from netbasics.practice.loading import Unusable, load
from netbasics.practice.stacks import own_lines, running_lines
from netbasics.wire.drawing import draw
from netbasics.wire.transcript import Transcript

__all__ = ["main"]

# Nothing that writes files, prints, or needs time to load.
UNWANTED = ["terminal", "faulthandler", "cacheprovider", "logging"]
UNWANTED += ["threadexception", "unraisableexception", "junitxml", "pastebin"]
UNWANTED += ["setuponly", "setupplan", "stepwise", "doctest", "tracemalloc"]
OPTIONS = [
    *(f"-pno:{name}" for name in UNWANTED),
    *("-x", "-s", "-W", "ignore", "-c", os.devnull, "--noconftest"),
    "--import-mode=importlib",
]
STARTING = 8.0  # seconds that pytest may take on a busy machine
EVENTS = 200  # that are drawn
ROWS = 24  # of a diagram in a message
BROKEN = "the check itself is broken, and that is not your fault"
LOOPING = 0.03  # share of a core that only a loop takes for so long


class Attempt:
    """One run of a check on one file.

    Args:
        job: What to do: `source`, `stub`, `test` (paths), `name`, `function`,
            `seconds` (of one test), `scratch`, `report`, `stacks` (paths).
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self.source = Path(job["source"])
        self.name: str = job["name"]
        self.function: str = job["function"]
        self.stub = Path(job["stub"])
        self.test = Path(job["test"])
        self.scratch = Path(job["scratch"])
        self.seconds: float = job["seconds"]
        self.check: Check | None = None
        self.story = ""
        self._report = os.open(job["report"], os.O_WRONLY | os.O_APPEND)
        self._stacks = os.open(job["stacks"], os.O_WRONLY | os.O_APPEND)
        self._lock = threading.RLock()
        self.seconds_from_now()

    def run(self) -> NoReturn:
        """Run the check; this ends the process."""
        threading.Thread(target=self._watch, daemon=True).start()
        bound()
        fence(self.scratch)
        try:
            load(self.source, self.stub, self.name, self.function)
        except Unusable as error:
            self.end(error.finding)
        except SystemExit as error:
            self.exited(error)
        # Until the first test begins, it is pytest that takes the time.
        self._due = time.monotonic() + self.seconds + STARTING
        faulthandler.cancel_dump_traceback_later()
        plugin = Plugin(self)
        # With this as the uppermost folder, pytest looks into none above it.
        here = str(self.test.parent)
        paths = ["--rootdir", here, "--confcutdir", here, str(self.test)]
        status = pytest.main([*OPTIONS, *paths], plugins=[plugin])
        if status != pytest.ExitCode.OK or not plugin.tests:
            text = f"the check ran {plugin.tests} tests and ended as {status!r}"
            self.end(Finding("broken check", BROKEN, printed=text))
        self.end(Finding("passed", f"{self.function} passes"))

    def end(self, finding: Finding) -> NoReturn:
        """Report and end at once, whatever threads are still running."""
        with self._lock:  # held for good: the first to end is the one
            os.write(self._report, finding.dumps().encode() + b"\n")
            with suppress(Exception):  # the learner may have closed it
                sys.stdout.flush()
            os._exit(0)

    def seconds_from_now(self) -> None:
        """Give the next test its time."""
        self._due = time.monotonic() + self.seconds
        os.write(self._report, b"\n")  # a sign of life for the parent
        # For a call that never lets another thread of Python run.
        faulthandler.dump_traceback_later(self.seconds + 1, file=self._stacks)

    def found(self, kind: Kind, headline: str, **more: Any) -> Finding:
        """Return a finding with all that is known of the present test."""
        check = self.check
        if check is not None:
            known = {
                "called": check.called,
                "mistake": check.known(),
                "diagram": _diagram(check),
                "notes": check.notes,
            }
            more = known | more
        return Finding(kind, headline, story=self.story, **more)

    def lines(self, error: BaseException | None) -> list[Line]:
        """Return those lines of the learner's that led to an error."""
        tb = error.__traceback__ if error is not None else None
        return own_lines(self.source, traceback.extract_tb(tb))

    def exited(self, error: SystemExit) -> NoReturn:
        """End, as the learner's code wanted to end the program."""
        self.end(
            self.found(
                "exits",
                "it ended the program: sys.exit() is not for a function "
                "that others call",
                lines=self.lines(error),
            )
        )

    def _watch(self) -> None:
        """End a test that takes too long, and say where it was."""
        used = 0.0
        while (left := self._due - time.monotonic()) > 0:
            if left > self.seconds / 2:
                used = time.process_time()
            time.sleep(min(left, self.seconds / 8))
        # In its second half, who waits takes no time, however busy others are.
        loops = time.process_time() - used > LOOPING * self.seconds
        does = "runs in a loop without end" if loops else "waits for ever"
        check = self.check
        waits = [*check.notes, *check.waits()] if check else []
        # Nobody else ends it from here on: to look at what runs disturbs it.
        with self._lock:
            self.end(
                self.found(
                    "hangs",
                    f"it was stopped after {self.seconds:g} s: it {does}",
                    lines=running_lines(self.source),
                    notes=waits,
                )
            )


def _diagram(check: Check) -> str:
    """Return what passed, cut to the rows that a message can bear."""
    seen = check.watch.transcript
    if not seen:
        return ""
    if len(seen) > EVENTS:
        # As many as can be seen: to draw a hundred thousand takes too long.
        few = [*seen[: EVENTS // 2], *seen[-EVENTS // 2 :]]
        seen = Transcript(few, seen.flows, started=seen.started.timestamp())
    rows = draw(seen, "", width=76).splitlines()[1:]
    if len(rows) > ROWS:
        left = f"    ... {len(rows) - ROWS} rows more ..."
        rows = [*rows[: ROWS - 6], left, *rows[-5:]]
    return "\n".join(rows).strip("\n")


class Plugin:
    """What pytest is told about tests of exercises.

    Args:
        attempt: The attempt that they belong to.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.tests = 0

    @pytest.fixture
    def check(self) -> Iterator[Check]:
        """What a test of an exercise is written with."""
        self.tests += 1
        folder = self.attempt.scratch / f"test-{self.tests}"
        folder.mkdir()
        os.chdir(folder)
        with wire.watch() as watch:
            check = self.attempt.check = Check(watch, folder)
            try:
                yield check
            finally:
                self.attempt.seconds_from_now()
                check.close()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note what the test is about, and let its time begin."""
        doc = inspect.getdoc(getattr(item, "function", None)) or ""
        self.attempt.story = doc
        self.attempt.check = None
        self.attempt.seconds_from_now()

    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """End the run at the first test that fails."""
        if call.excinfo is not None:
            self.attempt.end(self._finding(call.excinfo.value))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """End the run if the check itself cannot be read."""
        if report.failed:
            text = str(report.longrepr)[-2000:]
            self.attempt.end(Finding("broken check", BROKEN, printed=text))

    def _finding(self, error: BaseException) -> Finding:
        attempt = self.attempt
        cause = error.cause if isinstance(error, CheckFailed) else error
        lines = attempt.lines(cause)
        if isinstance(cause, NotImplementedError) and lines:
            headline = f"{attempt.function} is not written yet"
            return Finding("not written", headline)
        if isinstance(cause, SystemExit):
            attempt.exited(cause)
        if isinstance(error, CheckFailed):
            return attempt.found(
                "failed",
                f"{attempt.function} does not do what it should",
                got=error.got,
                expected=error.expected,
                lines=lines,
            )
        if lines:  # it came out of a thread, an iterator, a callback
            got = raised(error)
            headline = f"{attempt.function} raised what nobody expects"
            return attempt.found("failed", headline, got=got, lines=lines)
        text = "".join(traceback.format_exception(error))[-3000:]
        return attempt.found("broken check", BROKEN, printed=text)


def main() -> NoReturn:
    """Wait for a job, as JSON on the standard input, and do it."""
    # Our own modules are cached by now; what is learnt from here on is not.
    sys.dont_write_bytecode = True
    job = b"".join(iter(lambda: os.read(0, 65536), b""))
    if not job:  # the parent is gone
        os._exit(0)
    # The learner's code finds nothing there.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Attempt(json.loads(job)).run()


if __name__ == "__main__":
    main()
