"""Where the learner's code is: their own lines, out of all that run."""

import gc
import re
import sys
import threading
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, FrameType

from netbasics.practice.findings import Line

__all__ = ["dumped", "own_lines", "running_lines"]

# What faulthandler writes, innermost first.
DUMPED = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<number>\d+)')


def own_lines(
    source: Path, frames: Iterable[traceback.FrameSummary]
) -> list[Line]:
    """Return those of a traceback's lines that are in the learner's file."""
    file = str(source)
    return [
        Line(frame.lineno or 0, frame.line or "")
        for frame in frames
        if frame.filename == file
    ]


def running_lines(source: Path) -> list[Line]:
    """Return the learner's lines that run or wait now, the innermost last.

    The main thread's come first; a coroutine that waits is on no stack.
    """
    main = threading.main_thread().ident
    threads = sys._current_frames()
    found: list[Line] = []
    for ident in sorted(threads, key=lambda ident: ident != main):
        stack = traceback.extract_stack(threads[ident])
        found = own_lines(source, stack)
        if found:
            break
    waiting = [_at(frame) for frame in _suspended(source)]
    return [*found, *(line for line in waiting if line not in found)]


def dumped(source: Path, text: str) -> list[Line]:
    """Return the learner's lines that faulthandler wrote, innermost last.

    It writes from C, when Python itself does not get its turn any more.
    """
    numbers = [
        int(match["number"])
        for match in DUMPED.finditer(text)
        if match["file"] == str(source)
    ]
    lines = source.read_text("utf-8", "replace").splitlines()
    return [
        Line(number, lines[number - 1].strip())
        for number in dict.fromkeys(reversed(numbers))
        if number <= len(lines)
    ]


def _suspended(source: Path) -> list[FrameType]:
    """Return the frames of the learner's coroutines that wait."""
    frames = []
    for thing in gc.get_objects():
        if isinstance(thing, CoroutineType):
            frame = thing.cr_frame if thing.cr_await is not None else None
        elif isinstance(thing, AsyncGeneratorType):
            frame = thing.ag_frame if thing.ag_await is not None else None
        else:
            continue
        if frame is not None and frame.f_code.co_filename == str(source):
            frames.append(frame)
    return frames


def _at(frame: FrameType) -> Line:
    summary = traceback.extract_stack(frame, limit=1)[0]
    return Line(summary.lineno or 0, summary.line or "")
