"""A program in a terminal of its own: a pty, keys, and what it shows."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

__all__ = ["Terminal"]

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal:
    """Run a command in a pty of 80 x 24 and talk to it.

    Use it in a with-block; the program is ended at its end.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (24, 80),
    ) -> None:
        self.shown = ""
        self._told = 0  # how much of it `until` has returned
        self._main, self._side = pty.openpty()
        termios.tcsetwinsize(self._side, size)
        self.settings = termios.tcgetattr(self._side)
        self._process = subprocess.Popen(
            command,
            stdin=self._side,
            stdout=self._side,
            stderr=self._side,
            start_new_session=True,
            preexec_fn=self._take_terminal,
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
        )

    def _take_terminal(self) -> None:
        """Make the pty the child's own terminal, so that Ctrl-C reaches it."""
        import fcntl

        fcntl.ioctl(self._side, termios.TIOCSCTTY, 0)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._side)
        os.close(self._main)

    @property
    def pid(self) -> int:
        """The command's number."""
        return self._process.pid

    def press(self, keys: str) -> None:
        """Type these keys."""
        os.write(self._main, keys.encode())

    def until(self, *texts: str, seconds: float = 30) -> str:
        """Read until one of `texts` is shown; return what came since then.

        What is read beyond it is returned by the next call.
        """
        end = time.monotonic() + seconds
        while True:
            new = self.plain(self.shown[self._told :])
            if any(text in new for text in texts):
                self._told = len(self.shown)
                return new
            self._read(end, " or ".join(texts))

    def ends(self, *, seconds: float = 30) -> int:
        """Wait for the program's end, reading on; return its exit status."""
        end = time.monotonic() + seconds
        while self._process.poll() is None:
            self._read(end, "its end", wait=0.05)
        while select.select([self._main], [], [], 0)[0]:
            self._read(end, "its end")
        return self._process.returncode

    def resize(self, rows: int, columns: int) -> None:
        """Make the window another size."""
        termios.tcsetwinsize(self._side, (rows, columns))

    def as_before(self) -> bool:
        """Whether the terminal's settings are what they were."""
        return termios.tcgetattr(self._side) == self.settings

    def _read(self, end: float, wanted: str, wait: float | None = None) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError(
                f"{wanted!r} did not come; the terminal shows:\n"
                f"{self.plain(self.shown)}"
            )
        if select.select([self._main], [], [], wait or left)[0]:
            self.shown += os.read(self._main, 65536).decode("utf-8", "replace")

    @staticmethod
    def plain(text: str) -> str:
        """Drop colours and cursor movements."""
        return CONTROL.sub("", text)
