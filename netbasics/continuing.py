"""Notice that the program goes on after Ctrl-Z, to draw the prompt again.

The system hands SIGCONT to any thread that takes it. If that is the thread of
a step's server, the one that waits at the prompt sleeps on. So a lesson is
played with the signal blocked, which threads inherit from whoever begins them,
and only a prompt, or a program that has the terminal, takes it.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["handled", "left_to_prompts", "taken"]


@contextmanager
def left_to_prompts() -> Iterator[None]:
    """Let this thread, and those begun meanwhile, not take the signal."""
    with _masked("SIG_BLOCK"):
        yield


@contextmanager
def taken() -> Iterator[None]:
    """Let this thread, and programs begun meanwhile, take it after all."""
    with _masked("SIG_UNBLOCK"):
        yield


@contextmanager
def handled(handler: Callable[..., None]) -> Iterator[None]:
    """Call `handler` when the program goes on, if the signal is taken.

    Elsewhere than in the main thread, where Python handles no signals, and on
    Windows, which has no such signal, this does nothing.
    """
    number = getattr(signal, "SIGCONT", None)
    before = None
    if number is not None:
        with suppress(ValueError):
            before = signal.signal(number, handler)
    try:
        yield
    finally:
        if number is not None and before is not None:
            signal.signal(number, before)


@contextmanager
def _masked(how: str) -> Iterator[None]:
    if not hasattr(signal, "SIGCONT"):
        yield
        return
    before = signal.pthread_sigmask(getattr(signal, how), {signal.SIGCONT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
