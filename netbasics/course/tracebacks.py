"""Tracebacks for a learner: from their own lines on, without our machinery."""

import traceback
from pathlib import Path

import netbasics

__all__ = ["from_file"]

# These stand in for a socket's methods while the player watches.
WATCH = str(Path(netbasics.__file__).parent / "wire" / "methods.py")


def from_file(error: BaseException, file: str) -> str:
    """Return an error's traceback, beginning at the first line of a file.

    Args:
        error: The error, with those that led to it.
        file: The lesson's or the learner's file; without a line of it, the
            error is told without a traceback.
    """
    told = traceback.TracebackException.from_exception(error)
    own = [frame.filename == file for frame in told.stack]
    told.stack[:] = told.stack[own.index(True) :] if any(own) else []
    _drop_watch(told)
    return "".join(told.format()).rstrip()


def _drop_watch(told: traceback.TracebackException | None) -> None:
    while told is not None:
        kept = [frame for frame in told.stack if frame.filename != WATCH]
        told.stack[:] = kept
        _drop_watch(told.__cause__)
        told = told.__context__
