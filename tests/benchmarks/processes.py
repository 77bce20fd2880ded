"""Servers and clients in processes of their own.

Two programs in one process share its lock and its CPU time; then a ratio says
more about that than about either.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["Worker", "started"]

SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 60.0


class Worker:
    """A process that does as it is told; see `started`."""

    def __init__(
        self, process: multiprocessing.process.BaseProcess, pipe: Connection
    ) -> None:
        self._process = process
        self._pipe = pipe
        self.hello: Any = None

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process.pid is not None
        return self._process.pid

    def ask(self, *words: Any) -> Any:
        """Tell it something and return its answer.

        Raises:
            RuntimeError: It fails, or says nothing for a minute.
        """
        self._pipe.send(words)
        return self.answer()

    def answer(self) -> Any:
        """Return what it says next."""
        if not self._pipe.poll(PATIENCE):
            raise RuntimeError(f"process {self.pid} says nothing")
        kind, value = self._pipe.recv()
        if kind == "error":
            raise RuntimeError(f"in process {self.pid}: {value}")
        return value

    def cpu(self) -> float:
        """Return the CPU seconds that it has used so far."""
        return float(self.ask("cpu"))


@contextmanager
def started(main: Callable[..., Iterator[Any]], *args: Any) -> Iterator[Worker]:
    """Run a generator function in a process of its own.

    `main(*args)` is a generator at the top level of a module. What it yields
    first is the worker's `hello` (say, an address); after that, each
    `worker.ask(*words)` is what its `yield` returns, and what it yields next is
    the answer. It is closed when the with-block ends.
    """
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_run, args=(theirs, main, args), daemon=True)
    process.start()
    theirs.close()
    worker = Worker(process, ours)
    try:
        worker.hello = worker.answer()
        yield worker
    finally:
        ours.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()


def _run(
    pipe: Connection, main: Callable[..., Iterator[Any]], args: tuple[Any, ...]
) -> None:
    steps = main(*args)
    try:
        answer = next(steps)
        while (words := _answered(pipe, answer)) is not None:
            answer = steps.send(words)  # type: ignore[attr-defined]
    except StopIteration:
        pipe.send(("error", "it has ended"))
    except KeyboardInterrupt:
        pass
    except BaseException as error:
        pipe.send(("error", f"{type(error).__name__}: {error}"))
    finally:
        steps.close()  # type: ignore[attr-defined]


def _answered(pipe: Connection, answer: Any) -> tuple[Any, ...] | None:
    """Answer, and return what is asked next; None if nobody asks any more."""
    try:
        pipe.send(("answer", answer))
        while (words := pipe.recv()) == ("cpu",):
            pipe.send(("answer", time.process_time()))
    except (EOFError, OSError):
        return None
    return words  # type: ignore[no-any-return]
