"""Check an exercise: the learner's file in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import netbasics
from netbasics.practice.catalogue import Exercise
from netbasics.practice.findings import Finding
from netbasics.practice.stacks import dumped

__all__ = ["Cancelled", "check", "check_text"]

MOST_OUTPUT = 1 << 20  # bytes that a program may print
SHOWN = 400  # characters of its end
LONGEST_SILENCE = 4.0  # seconds beyond a test's own time


class Cancelled(Exception):
    """The check was given up, as somebody asked."""


def check(
    exercise: Exercise, source: Path, *, test: Path | None = None
) -> Finding:
    """Run an exercise's check on a file, and say what was found.

    Args:
        exercise: The exercise.
        source: The file: a learner's, a solution, a mistake.
        test: Another check than the one that was shipped.

    Raises:
        OSError: The file cannot be read.
    """
    return check_text(exercise, source.read_bytes(), test=test)


def check_text(
    exercise: Exercise,
    text: bytes,
    *,
    test: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Finding:
    """Run an exercise's check on what a file holds.

    The verdict is on this text, whatever an editor does meanwhile.

    Args:
        exercise: The exercise.
        text: The source, as the file has it.
        test: Another check than the one that was shipped.
        cancelled: Asked often; once it says so, the check is given up.

    Raises:
        Cancelled: It was given up.
    """
    with tempfile.TemporaryDirectory(
        prefix="netbasics-", ignore_cleanup_errors=True
    ) as scratch:
        source = Path(scratch, exercise.stub.name)
        source.write_bytes(text)
        report = Path(scratch, "report")
        stacks = Path(scratch, "stacks")
        for file in (report, stacks):
            file.touch()
        work = Path(scratch, "work")
        work.mkdir()
        job = {
            "source": str(source),
            "stub": str(exercise.stub),
            "test": str((test or exercise.test).resolve()),
            "name": exercise.name,
            "function": exercise.function,
            "seconds": exercise.seconds,
            "scratch": str(work),
            "report": str(report),
            "stacks": str(stacks),
        }
        process = _start(job, work)
        output = _Output(process)
        try:
            ended = _wait(process, output, report, exercise.seconds, cancelled)
        finally:
            _kill(process)
            output.join()
        reported = [line for line in report.read_bytes().splitlines() if line]
        if reported:
            finding = Finding.loads(reported[0].decode())
        else:
            finding = ended or _ended_early(process.returncode)
            where = stacks.read_text("utf-8", "replace") + output.text
            finding = replace(finding, lines=dumped(source, where))
    if finding.kind != "passed" and not finding.printed:
        finding = replace(finding, printed=output.text[-SHOWN:])
    return finding


def _start(job: dict[str, object], work: Path) -> subprocess.Popen[bytes]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith(("PYTEST", "PYTHON", "COV"))
    }
    package = str(Path(netbasics.__file__).parent.parent)
    paths = [package, os.environ.get("PYTHONPATH", "")]
    environment |= {
        "HOME": str(work),
        "TMPDIR": str(work),
        "NETBASICS_HOME": str(work),
        "MALLOC_ARENA_MAX": "2",  # memory is limited, and threads take a lot
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONUTF8": "1",
    }
    # -P: what lies in the folder it runs in hides no module.
    arguments = ["-P", "-X", "faulthandler"]
    arguments += ["-m", "netbasics.practice.child"]
    return subprocess.Popen(
        [sys.executable, *arguments, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=work,
        env=environment,
        start_new_session=os.name == "posix",
    )


class _Output:
    """Reads what a process prints, and keeps the end of it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self.size = 0
        self.ended = threading.Event()
        self._kept = b""
        self._thread = threading.Thread(
            target=self._read, args=(process.stdout,), daemon=True
        )
        self._thread.start()

    @property
    def text(self) -> str:
        """The end of it."""
        return self._kept.decode("utf-8", "replace")

    def join(self) -> None:
        """Wait for its end, but not for ever."""
        self._thread.join(2)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while piece := os.read(stream.fileno(), 65536):
                self.size += len(piece)
                self._kept = (self._kept + piece)[-4096:]
        self.ended.set()


def _wait(
    process: subprocess.Popen[bytes],
    output: _Output,
    report: Path,
    seconds: float,
    cancelled: Callable[[], bool],
) -> Finding | None:
    """Wait for the end; return a finding if it must be ended by us."""
    size, since = 0, time.monotonic()
    # The child may take its time to start on a busy machine.
    patience = seconds + LONGEST_SILENCE + 10
    while True:
        # A process that ends closes its output, which is noticed at once.
        if output.ended.wait(0.05):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        if process.poll() is not None:
            return None
        if cancelled():
            raise Cancelled
        if output.size > MOST_OUTPUT:
            return Finding(
                "floods", f"it printed more than {MOST_OUTPUT:,} bytes"
            )
        now = report.stat().st_size
        if now != size:
            size, since = now, time.monotonic()
            patience = seconds + LONGEST_SILENCE
        if time.monotonic() - since > patience:
            return Finding(
                "hangs",
                "it was stopped: Python itself did not react any more, as in "
                "a long call that cannot be interrupted",
            )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process, and whatever it has started."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _ended_early(status: int) -> Finding:
    """Say why a process ended without a word."""
    if status < 0:
        name = signal.Signals(-status).name
        return Finding("crashes", f"it crashed the interpreter ({name})")
    return Finding(
        "exits",
        f"it ended the whole program, as os._exit() does (status {status})",
    )
