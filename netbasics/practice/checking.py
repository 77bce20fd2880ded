"""Check an exercise: the learner's file in a process of its own."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from netbasics.practice.catalogue import Exercise
from netbasics.practice.children import Child
from netbasics.practice.findings import Finding
from netbasics.practice.stacks import dumped

__all__ = ["Cancelled", "Checker", "check", "check_text"]

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
    child: Child | None = None,
) -> Finding:
    """Run an exercise's check on what a file holds.

    The verdict is on this text, whatever an editor does meanwhile.

    Args:
        exercise: The exercise.
        text: The source, as the file has it.
        test: Another check than the one that was shipped.
        cancelled: Asked often; once it says so, the check is given up.
        child: A process that waits for a job; left out, a new one is begun.
            It is closed.

    Raises:
        Cancelled: It was given up.
    """
    with child or Child() as child:
        child.give(exercise, text, test or exercise.test)
        try:
            ended = _wait(child, exercise.seconds, cancelled)
        finally:
            child.end()
        lines = [
            line for line in child.report.read_bytes().splitlines() if line
        ]
        if lines:
            finding = Finding.loads(lines[0].decode())
        else:
            finding = ended or _ended_early(child.process.returncode)
            where = child.stacks.read_text("utf-8", "replace")
            where += child.output.text
            finding = replace(finding, lines=dumped(child.source, where))
    if finding.kind != "passed" and not finding.printed:
        finding = replace(finding, printed=child.output.text[-SHOWN:])
    return finding


class Checker:
    """Checks one text after the other, with the next process begun already.

    It is called as `check_text` is. Two threads may call it: a check that is
    given up, and the one that takes its place.
    """

    def __init__(self) -> None:
        # One as a rule; a list, as taking the last is one step for a thread.
        self._ready: list[Child] = []
        self._closed = False
        self._begin()

    def __call__(
        self, exercise: Exercise, text: bytes, *, cancelled: Callable[[], bool]
    ) -> Finding:
        """Run an exercise's check on a text."""
        try:
            return check_text(
                exercise, text, cancelled=cancelled, child=self._take()
            )
        finally:
            self._begin()

    def close(self) -> None:
        """End the process that waits."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._ready.pop().close()

    def _begin(self) -> None:
        if self._ready or self._closed:
            return
        # If there is no room for it, it is begun when it is needed.
        with suppress(OSError, RuntimeError):
            self._ready.append(Child())
        if self._closed:  # meanwhile, by another thread
            self.close()

    def _take(self) -> Child | None:
        """Return the process that waits, if there is one."""
        with suppress(IndexError):
            child = self._ready.pop()
            if child.waits:
                return child
            child.close()  # somebody has ended it: no fault of the text
        return None


def _wait(
    child: Child, seconds: float, cancelled: Callable[[], bool]
) -> Finding | None:
    """Wait for the end; return a finding if it must be ended by us."""
    size, since = 0, time.monotonic()
    # The child may take its time to start on a busy machine.
    patience = seconds + LONGEST_SILENCE + 10
    process, output = child.process, child.output
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
        now = child.report.stat().st_size
        if now != size:
            size, since = now, time.monotonic()
            patience = seconds + LONGEST_SILENCE
        if time.monotonic() - since > patience:
            return Finding(
                "hangs",
                "it was stopped: Python itself did not react any more, as in "
                "a long call that cannot be interrupted",
            )


def _ended_early(status: int) -> Finding:
    """Say why a process ended without a word."""
    if status < 0:
        name = signal.Signals(-status).name
        return Finding("crashes", f"it crashed the interpreter ({name})")
    return Finding(
        "exits",
        f"it ended the whole program, as os._exit() does (status {status})",
    )
