"""The process in which a check runs: `python -m netbasics.practice.child`.

It loads the learner's file, runs the check with pytest up to the first test
that fails, and writes what it found into a file. It is a process of its own,
so that a hang, a crash or `sys.exit()` ends nothing but this attempt.
"""

import inspect
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

import pytest

from netbasics import wire
from netbasics.practice.catalogue import definition
from netbasics.practice.check import Check, CheckFailed, raised
from netbasics.practice.fences import fence
from netbasics.practice.findings import Finding, Line

__all__ = ["main"]

# Nothing that writes files, prints, or needs time to load.
UNWANTED = ["terminal", "faulthandler", "cacheprovider", "logging"]
UNWANTED += ["threadexception", "unraisableexception"]
OPTIONS = [
    *(f"-pno:{name}" for name in UNWANTED),
    *("-x", "-s", "-W", "ignore", "-c", os.devnull, "--noconftest"),
    "--import-mode=importlib",
]
ROWS = 24  # of a diagram in a message


class Attempt:
    """One run of a check on one file.

    Args:
        job: What to do: `source`, `stub`, `test` (paths), `name`, `function`,
            `seconds` (of one test), `scratch`, `report` (paths).
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
        self._due = time.monotonic() + self.seconds
        self._lock = threading.Lock()

    def run(self) -> NoReturn:
        """Run the check; this ends the process."""
        threading.Thread(target=self._watch, daemon=True).start()
        fence(self.scratch)
        self._load()
        self.seconds_from_now()
        plugin = Plugin(self)
        pytest.main(
            [*OPTIONS, "--rootdir", str(self.test.parent), str(self.test)],
            plugins=[plugin],
        )
        if not plugin.tests:
            self.end(Finding("broken check", "the check has no test that runs"))
        self.end(Finding("passed", f"{self.function} passes"))

    def end(self, finding: Finding) -> NoReturn:
        """Report and end at once, whatever threads are still running."""
        with self._lock:  # held for good: the first to end is the one
            os.write(self._report, finding.dumps().encode() + b"\n")
            sys.stdout.flush()
            os._exit(0)

    def seconds_from_now(self) -> None:
        """Give the next test its time."""
        self._due = time.monotonic() + self.seconds
        os.write(self._report, b"\n")  # a sign of life for the parent

    def found(self, kind: str, headline: str, **more: Any) -> Finding:
        """Return a finding with all that is known of the present test."""
        check = self.check
        if check is not None:
            more.setdefault("called", check.called)
            more.setdefault("mistake", check.known())
            more.setdefault("diagram", _diagram(check))
            more.setdefault("notes", check.notes)
        return Finding(kind, headline, story=self.story, **more)  # type: ignore[arg-type]

    def lines(self, frames: Any) -> list[Line]:
        """Return those of a traceback's lines that are the learner's own."""
        file = str(self.source)
        return [
            Line(frame.lineno or 0, frame.line or "")
            for frame in frames
            if frame.filename == file
        ]

    def _load(self) -> None:
        """Import the learner's file under its own name, and look at it."""
        module = ModuleType(self.name)
        module.__file__ = str(self.source)
        sys.modules[self.name] = module
        try:
            # Of bytes, Python itself sees to BOM, line ends and encoding.
            text = self.source.read_bytes()
            code = compile(text, str(self.source), "exec", dont_inherit=True)
            exec(code, vars(module))
        except SyntaxError as error:
            line = Line(error.lineno or 0, (error.text or "").strip())
            headline = f"this is no Python: {error.msg}"
            self.end(Finding("no syntax", headline, lines=[line]))
        except SystemExit as error:
            self._exited(error)
        except BaseException as error:
            lines = self.lines(traceback.extract_tb(error.__traceback__))
            headline = f"importing the file fails: {raised(error)}"
            self.end(Finding("failed", headline, lines=lines))
        self._look(module)

    def _look(self, module: ModuleType) -> None:
        """End if the function is not there or cannot be called as it must."""
        wanted = definition(self.stub.read_text("utf-8"), self.function)
        function = getattr(module, self.function, None)
        if not callable(function):
            what = "is not there" if function is None else "cannot be called"
            self.end(
                Finding(
                    "not there",
                    f"{self.function} {what}: the file must define it",
                )
            )
        stub = ModuleType("stub")
        exec(compile(self.stub.read_text("utf-8"), "stub", "exec"), vars(stub))
        asked = inspect.signature(getattr(stub, self.function))
        given = inspect.signature(function)
        try:
            given.bind(*asked.parameters)
            fits = wanted.__class__.__name__ != "AsyncFunctionDef" or (
                inspect.iscoroutinefunction(function)
            )
        except TypeError:
            fits = False
        if not fits and "**" not in str(asked):
            sign = "async def" if "Async" in type(wanted).__name__ else "def"
            expected = f"{sign} {self.function}{asked}"
            self.end(
                Finding(
                    "signature",
                    f"{self.function} must be called with other arguments",
                    expected=expected,
                    got=f"{self.function}{given}",
                )
            )

    def _exited(self, error: SystemExit) -> NoReturn:
        lines = self.lines(traceback.extract_tb(error.__traceback__))
        self.end(
            self.found(
                "exits",
                "it ended the program: sys.exit() is not for a function "
                "that others call",
                lines=lines,
            )
        )

    def _watch(self) -> None:
        """End a test that takes too long, and say where it was."""
        while True:
            left = self._due - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, 0.5))
        check = self.check
        notes = check.waits() if check else []
        self.end(
            self.found(
                "hangs",
                f"it was stopped after {self.seconds:g} s: it waits for ever, "
                "or runs in a loop without end",
                lines=self._where(),
                notes=[*(check.notes if check else []), *notes],
            )
        )

    def _where(self) -> list[Line]:
        """Return the learner's lines that run now, of whichever thread."""
        found: list[Line] = []
        for thread, frame in sys._current_frames().items():
            lines = self.lines(traceback.extract_stack(_frame(frame)))
            if lines and (not found or thread == threading.main_thread().ident):
                found = lines
        return found


def _frame(frame: FrameType) -> FrameType:
    return frame


def _diagram(check: Check) -> str:
    """Return what passed, cut to the rows that a message can bear."""
    if not len(check.watch.transcript):
        return ""
    rows = check.watch.diagram(width=76).splitlines()[1:]
    if len(rows) > ROWS:
        left = f"    ... {len(rows) - ROWS} rows more ..."
        rows = [*rows[: ROWS - 6], left, *rows[-5:]]
    return "\n".join(rows)


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
            self.attempt.end(Finding("broken check", text))

    def _finding(self, error: BaseException) -> Finding:
        attempt = self.attempt
        cause = error.cause if isinstance(error, CheckFailed) else error
        tb = cause.__traceback__ if cause is not None else None
        lines = attempt.lines(traceback.extract_tb(tb))
        if isinstance(cause, NotImplementedError) and lines:
            headline = f"{attempt.function} is not written yet"
            return Finding("not written", headline)
        if isinstance(cause, SystemExit):
            attempt._exited(cause)
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
        return attempt.found("broken check", text)


def main() -> NoReturn:
    """Do the job that the command line gives as JSON."""
    Attempt(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
