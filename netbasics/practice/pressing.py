"""Keys while something else goes on: one may be waiting, or not.

A lesson waits for a key and for nothing else. Practising waits for a key and
for a file: so keys are asked for with a timeout, and the terminal hands them
over as they are pressed, all the time.
"""

import codecs
import os
import select
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from netbasics.rawmode import AVAILABLE, RawMode

__all__ = ["ENTER", "QUIT", "REDRAW", "Keys"]

ENTER, QUIT, REDRAW = "\n", "q", "\x0c"
CTRL_C, CTRL_D, CTRL_Z, ESCAPE = "\x03\x04\x1a\x1b"


class Keys:
    """Keys from a terminal, or the first letters of lines from anywhere.

    In a with-block the terminal neither waits for Enter nor echoes; behind it
    all is as it was.

    Args:
        stdin: Where they come from.
        lines: Whether to read lines, from a terminal too.
    """

    def __init__(self, stdin: TextIO, *, lines: bool = False) -> None:
        self._file = stdin.fileno()
        single = not lines and AVAILABLE and os.isatty(self._file)
        self._raw = RawMode(self._file) if single else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._came: deque[str] = deque()
        self._line = ""
        self._ended = False

    def __enter__(self) -> "Keys":
        if self._raw is not None:
            self._raw.begin()
        return self

    def __exit__(self, *_: object) -> None:
        if self._raw is not None:
            self._raw.end()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Give the terminal to somebody else, as it was before."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def wait(self, seconds: float) -> str | None:
        """Return the next key, or None if none came in this time.

        The end of the input, and Ctrl-D, are `QUIT`. After Ctrl-Z, when the
        program goes on, and for Ctrl-L, it is `REDRAW`.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        if not self._came and self._ready(seconds):
            self._read()
        if not self._came:
            return None
        key = self._came.popleft()
        if key == CTRL_C:
            raise KeyboardInterrupt
        if key == CTRL_Z:
            if self._raw is not None:
                self._raw.suspend()
            return REDRAW
        return QUIT if key == CTRL_D else key.lower()

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._file], [], [], seconds)[0])

    def _read(self) -> None:
        piece = os.read(self._file, 1024)
        if not piece:
            self._came.append(QUIT)
            return
        text = self._decoder.decode(piece)
        if self._raw is not None:
            self._take_keys(text.replace("\r", "\n"))
            return
        *whole, self._line = (self._line + text).split("\n")
        self._came.extend(line.strip()[:1] or ENTER for line in whole)

    def _take_keys(self, text: str) -> None:
        """Take keys; an escape sign and what came with it is an arrow key."""
        kept, escape, _ = text.partition(ESCAPE)
        self._came.extend(kept)
        if escape:
            while self._ready(0.02):
                if not os.read(self._file, 1024):
                    break
