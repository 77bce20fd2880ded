"""What running code prints, turned into events."""

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from netbasics.course.events import Output, View

__all__ = ["OutputLost", "Printed"]


class OutputLost(BaseException):
    """The view can no longer be written to, as when a pipe's reader is gone.

    Not an Exception: a step that teaches BrokenPipeError must not catch it.
    """


class Printed:
    """While it is open, whatever is printed, by whichever thread, is told.

    Args:
        view: Is shown the `Output` events.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = threading.RLock()
        self._held: list[Output] | None = None

    def __enter__(self) -> "Printed":
        self._before = sys.stdout, sys.stderr
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        self._streams = (
            _Stream(self._tell, "stdout", encoding),
            _Stream(self._tell, "stderr", encoding),
        )
        sys.stdout, sys.stderr = self._streams
        # What goes wrong in a server is for the step to show. With no handler
        # at all, logging would print it, traceback and all.
        self._quiet = logging.NullHandler()
        logging.getLogger("netbasics").addHandler(self._quiet)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._before
        logging.getLogger("netbasics").removeHandler(self._quiet)
        self._flush()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep what threads print back, while the learner is asked."""
        self._flush()
        with self._lock:
            self._held = []
        try:
            yield
        finally:
            with self._lock:
                held, self._held = self._held, None
                for output in held:
                    self._tell(output)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Give the real streams back, for a program inside the program."""
        now = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._before
        try:
            yield
        finally:
            sys.stdout, sys.stderr = now

    def _flush(self) -> None:
        for stream in self._streams:
            stream.flush()

    def _tell(self, output: Output) -> None:
        try:
            with self._lock:
                if self._held is not None:
                    self._held.append(output)
                else:
                    self._view.show(output)
        except OSError as error:
            raise OutputLost from error


class _Stream(io.TextIOBase):
    """A text stream that hands on what is written to it, line by line.

    `print` writes a text and its line end in two calls. As a terminal's stream
    does, this one waits for the end, or for a flush. It keeps what each thread
    has begun apart, so that lines of two threads do not run into each other.
    """

    def __init__(
        self,
        tell: Callable[[Output], None],
        name: Literal["stdout", "stderr"],
        encoding: str,
    ) -> None:
        self._tell = tell
        self._name = name
        self._encoding = encoding
        self._begun: dict[int, str] = {}

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What the real stream has: a step may choose its signs by it."""
        return self._encoding

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        thread = threading.get_ident()
        whole, end, begun = text.rpartition("\n")
        if end:
            before = self._begun.pop(thread, "")
            self._tell(Output(before + whole + end, self._name))
        if begun:
            self._begun[thread] = self._begun.get(thread, "") + begun
        return len(text)

    def flush(self) -> None:
        for thread in list(self._begun):
            # None: that thread has ended its line, or flushed, meanwhile.
            if (text := self._begun.pop(thread, None)) is not None:
                self._tell(Output(text, self._name))
