"""One event loop for a whole Python prompt, so that `await` works in it.

`asyncio.run` makes a loop for each call and throws it away: what one line
opened, the next could not use. Here it stays, from the first line that needs
it to the end of the prompt. It runs while a line waits, and only then.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ["Loop"]

# How long what is left at the end may take to end, in seconds.
GRACE = 1.0


class Loop:
    """An event loop that is made when it is first needed.

    Ctrl-C while a line waits cancels that line, and nothing else.
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end and return its result.

        Raises:
            KeyboardInterrupt: Ctrl-C; the coroutine was cancelled.
            RuntimeError: A loop is running in this thread already.
        """
        import asyncio

        if self._runner is None:
            # With a factory it does not become the loop of the whole thread.
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        try:
            return self._runner.run(coroutine)
        finally:
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()  # a loop was running already

    def call(self, function: Callable[[], object]) -> None:
        """Call a plain function while the loop runs."""

        async def inside() -> None:
            function()

        self.run(inside())

    def close(self, opened: Iterable[object]) -> list[str]:
        """End what is left: tasks, asynchronous generators, the loop.

        Args:
            opened: What the learner made here. What has an asynchronous
                `close()` is closed, as a `ClientSession` has.

        Returns:
            The names of the tasks that would not end.
        """
        if self._runner is None:
            return []
        import asyncio

        stuck: list[str] = []
        try:
            self.run(_tidy(opened, stuck))
        except (Exception, asyncio.CancelledError, KeyboardInterrupt):
            stuck.append("what was interrupted")
        # Not the runner's close(): it waits for every task, maybe for ever.
        loop = self._runner.get_loop()
        self._runner = None
        loop.set_exception_handler(lambda *_: None)
        loop.close()
        return stuck


async def _tidy(opened: Iterable[object], stuck: list[str]) -> None:
    import asyncio

    for thing in opened:
        close = getattr(type(thing), "close", None)
        if inspect.iscoroutinefunction(close):
            closing = asyncio.create_task(close(thing))
            await asyncio.wait([closing], timeout=GRACE)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        done, pending = await asyncio.wait(tasks, timeout=GRACE)
        stuck.extend(task.get_name() for task in pending)
        for task in done:
            if not task.cancelled():
                task.exception()  # asked for, so that nobody logs it
    generators = asyncio.get_running_loop().shutdown_asyncgens()
    await asyncio.wait([asyncio.create_task(generators)], timeout=GRACE)
