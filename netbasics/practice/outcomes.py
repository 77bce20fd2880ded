"""What came of calling the learner's function: a value, an error, a wait."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["CheckFailed", "Outcome", "Running", "raised"]


class CheckFailed(AssertionError):
    """The learner's function did something else than it should.

    `expected` and `got` are for the message; `cause` is what it raised.
    """

    def __init__(
        self, expected: str, got: str, cause: BaseException | None = None
    ) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.cause = cause


@dataclass
class Outcome:
    """What came of the last call; `hung` if it had to be ended."""

    value: Any = None
    error: BaseException | None = None
    seconds: float = 0.0
    hung: bool = False


class Running:
    """A function of the learner that runs in a thread of its own.

    Args:
        function: What to run.
        args: Its arguments.
    """

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.error: BaseException | None = None
        self.value: Any = None
        self._thread = threading.Thread(
            target=self._run, args=(function, args), daemon=True
        )
        self._thread.start()

    def _run(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            self.value = function(*args)
        except BaseException as error:
            self.error = error

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return self._thread.is_alive()

    def join(self, timeout: float) -> bool:
        """Wait for its end; say whether it came in time."""
        self._thread.join(timeout)
        return not self.alive


def raised(error: BaseException) -> str:
    """Return an error as people say it.

    >>> raised(EOFError("got 5 of 11 bytes"))
    'it raised EOFError: got 5 of 11 bytes'
    """
    text = str(error)
    return f"it raised {type(error).__name__}{': ' if text else ''}{text:.200}"
