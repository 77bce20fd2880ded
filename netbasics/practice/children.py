"""The process in which a check runs: begun, given its job, and ended.

To start Python and to import what a check needs takes longer than most checks.
So a process can be begun before there is anything to check; it waits until it
is given a job, or until its parent is gone.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import netbasics
from netbasics.practice.catalogue import Exercise

__all__ = ["Child"]

KEPT = 4096  # bytes of the end of what is printed


class Child:
    """A process that waits for a job, with a folder to work in.

    Attributes:
        source: Where the text that is checked will lie.
        report: Where the process writes what it found.
        stacks: Where it writes what it was doing, if it must be ended.
        output: What it prints.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="netbasics-", ignore_cleanup_errors=True
        )
        scratch = Path(self._folder.name)
        self.source = scratch
        self.report = scratch / "report"
        self.stacks = scratch / "stacks"
        self._work = scratch / "work"
        self._ended = False
        try:
            for file in (self.report, self.stacks):
                file.touch()
            self._work.mkdir()
            self.process = _start(self._work)
            self.output = Output(self.process)
        except BaseException:  # a full disk, no more processes or threads
            self._folder.cleanup()
            raise

    @property
    def waits(self) -> bool:
        """Whether it is still there, and its folder, which others may tidy."""
        return self.process.poll() is None and self.report.exists()

    def give(self, exercise: Exercise, text: bytes, test: Path) -> None:
        """Let it run a check on a text.

        Raises:
            OSError: The text cannot be written.
        """
        self.source = Path(self._folder.name, exercise.stub.name)
        self.source.write_bytes(text)
        job = {
            "source": str(self.source),
            "stub": str(exercise.stub),
            "test": str(test.resolve()),
            "name": exercise.name,
            "function": exercise.function,
            "seconds": exercise.seconds,
            "scratch": str(self._work),
            "report": str(self.report),
            "stacks": str(self.stacks),
        }
        stdin = self.process.stdin
        assert stdin is not None
        # One that has ended already is found out by who waits for it.
        with suppress(OSError), stdin:
            stdin.write(json.dumps(job).encode())

    def end(self) -> None:
        """End it, and whatever it has started; what it wrote stays."""
        if self._ended:
            return
        self._ended = True
        process = self.process
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
        process.wait()
        self.output.join()

    def close(self) -> None:
        """End it, and leave nothing behind. Twice is fine."""
        self.end()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Output:
    """Reads what a process prints, and keeps the end of it.

    Attributes:
        size: How many bytes it was.
        ended: Set when there will be no more.
    """

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
                self._kept = (self._kept + piece)[-KEPT:]
        self.ended.set()


def _start(work: Path) -> subprocess.Popen[bytes]:
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
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=work,
        env=environment,
        start_new_session=os.name == "posix",
    )
