"""What a lesson needs in a notebook: its first cell calls `prepare`.

A step is a script, and a notebook's cells run in another place than scripts
do: inside an event loop, with a log that is printed, and perhaps behind a
proxy.
"""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from netbasics.course.steps import Need

if TYPE_CHECKING:
    import asyncio

__all__ = ["can_run", "keep_off_proxies", "prepare"]


def prepare() -> None:
    """Let the code of a lesson run in the cells of a notebook.

    A kernel runs cells inside its own event loop, and there `asyncio.run`
    refuses to start. From now on it runs in a thread of its own when a cell
    calls it; the cell waits. Everywhere else it is as it was. Calling `prepare`
    twice is fine, and so is calling it outside of a notebook.

    It also keeps requests to this machine off any proxy, and the log of
    servers out of the cells: what goes wrong there is for the step to show.
    """
    import asyncio
    import logging

    keep_off_proxies()
    log = logging.getLogger("netbasics")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    loop = _running()
    # Without a loop this is no kernel, and `asyncio.run` works as it is.
    if loop is not None and not hasattr(asyncio.run, "leaves_alone"):
        asyncio.run = _beside(loop, asyncio.run)


def can_run(needs: Iterable[Need]) -> bool:
    """Say whether this machine has what a step needs; print it if not.

    Example:
        >>> can_run([Need("a second sun", lambda: False)])
        Skipped: this step needs a second sun.
        False
    """
    missing = [need.what for need in needs if not need.met()]
    if missing:
        print(f"Skipped: this step needs {' and '.join(missing)}.")
    return not missing


def keep_off_proxies() -> None:
    """Let no proxy of the environment come between a step and this machine.

    `requests`, `urllib` and curl would send even requests to 127.0.0.1 there.
    """
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    loopback = "127.0.0.1,localhost,::1"
    if known and known.endswith(loopback):
        return
    # Most programs look at one of the two only, if it is there.
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = f"{known},{loopback}" if known else loopback


def _running() -> "asyncio.AbstractEventLoop | None":
    """Return the loop that runs in this thread, if one does."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _beside(
    kernel: "asyncio.AbstractEventLoop", original: Callable[..., Any]
) -> Callable[..., Any]:
    """Return an `asyncio.run` that leaves the kernel's loop alone."""

    def run(main: Any, **options: Any) -> Any:
        """Run a coroutine; see `asyncio.run`."""
        # In any other loop it is the step's own doing, and refused as ever.
        if _running() is not kernel:
            return original(main, **options)
        return _Thread(main, options).result()

    run.leaves_alone = kernel  # type: ignore[attr-defined]
    return run


class _Thread:
    """Runs a coroutine in a thread of its own, which has no loop yet."""

    def __init__(self, main: Any, options: dict[str, Any]) -> None:
        self._main = main
        self._options = options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._interrupted = False
        self._outcome: Future[Any] = Future()

    def result(self) -> Any:
        """Wait, and return or raise what the coroutine did."""
        # What the cell has set, such as where its output goes, holds there.
        context = copy_context()
        thread = threading.Thread(
            target=context.run,
            args=(self._run,),
            name="asyncio.run",
            daemon=True,
        )
        try:
            thread.start()
            # Not `join`: interrupted in Python 3.11, it takes the thread for
            # ended ever after.
            return self._outcome.result()
        except KeyboardInterrupt:
            # The kernel's "interrupt": end what runs, as Ctrl-C would.
            self._cancel()
            if thread.ident is not None:
                wait([self._outcome])
            raise

    def _run(self) -> None:
        import asyncio

        value = None
        try:
            with asyncio.Runner(**self._options) as runner:
                self._loop = runner.get_loop()
                if not self._interrupted:
                    value = runner.run(self._main)
        except BaseException as error:  # for the cell, whatever it is
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(value)

    def _cancel(self) -> None:
        import asyncio

        def cancel() -> None:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()

        # First the word, then a look at the loop; `_run` does it the other
        # way round, so that one of the two is in time.
        self._interrupted = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(cancel)
