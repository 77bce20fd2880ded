"""What a check is written with: call the learner's function, look at it.

A check is a pytest function whose docstring tells what the peer does:

    def test_in_pieces(check):
        '''The peer sends eleven bytes, one at a time.'''
        peer = check.peer(lab.feeds(lab.pieces_of(b"hello world")))
        sock = check.connect(peer)
        check.mistake(
            "`recv` was taken for a whole message. It returns what is there.",
            lambda it: it.value == b"h",
        )
        check.equal(check.call(recv_exactly, sock, 11), b"hello world")

When that fails, the learner reads the docstring, how the function was called,
what came and what was expected, the mistake if it is a known one, and the
sequence diagram of this very attempt.
"""

import inspect
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from netbasics.lab import Peer
from netbasics.practice.findings import short
from netbasics.practice.outcomes import CheckFailed, Outcome, Running, raised
from netbasics.wire import Watch

__all__ = ["Check", "CheckFailed", "Outcome", "Running", "raised"]

SLACK = 0.5  # seconds on top of every bound of time
AnyPeer = TypeVar("AnyPeer", bound=Peer)


class Check:
    """One test of the learner's function, and what is known about it.

    Args:
        watch: Records what passes.
        folder: A scratch folder of this test.
    """

    def __init__(self, watch: Watch, folder: Path) -> None:
        self.watch = watch
        self.folder = folder
        self.called = ""
        self.notes: list[str] = []
        self.outcome = Outcome()
        self._mistakes: list[tuple[str, Callable[[Outcome], object]]] = []
        self._peers: list[tuple[Peer, str]] = []
        self._open = ExitStack()

    def close(self) -> None:
        """Stop the peers and close what was opened."""
        self._open.close()

    def peer(self, peer: AnyPeer, waits: str = "") -> AnyPeer:
        """Start a peer of the lab; it stops when the test ends.

        Args:
            peer: The peer.
            waits: What it waits for when nothing happens, for the message:
                `"for the request's last byte"`.
        """
        self._peers.append((peer, waits))
        self._open.enter_context(peer)
        return peer

    def connect(self, to: Peer | tuple[str, int]) -> socket.socket:
        """Return a blocking socket that is connected to a peer."""
        address = to.address if isinstance(to, Peer) else to
        sock = socket.create_connection(address, timeout=5)
        sock.settimeout(None)
        return self._open.enter_context(sock)

    def listener(self, backlog: int = 128) -> socket.socket:
        """Return a listening socket on a free port, for a server to use."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        return self._open.enter_context(listener)

    def keep(self, thing: Any) -> Any:
        """Enter a context manager; it is left when the test ends."""
        return self._open.enter_context(thing)

    def mistake(self, text: str, when: Callable[[Outcome], object]) -> None:
        """Name a well-known mistake, to be told if the test fails by it.

        Args:
            text: What the mistake is and what holds instead, in Markdown.
            when: Recognises it by the last call's outcome.
        """
        self._mistakes.append((text, when))

    def note(self, text: str) -> None:
        """Add a line to the message, such as what the peer saw."""
        self.notes.append(text)

    def call(
        self, function: Callable[..., Any], *args: Any, **options: Any
    ) -> Any:
        """Call the learner's function; a coroutine is run to its end.

        Raises:
            CheckFailed: It raised something.
        """
        self._call(function, args, options)
        error = self.outcome.error
        if error is not None:
            raise CheckFailed("that it returns", raised(error), error)
        return self.outcome.value

    def returns(
        self,
        expected: object,
        function: Callable[..., Any],
        *args: Any,
        **options: Any,
    ) -> None:
        """Call the learner's function, which must return this.

        Raises:
            CheckFailed: It returned something else, or raised.
        """
        self._call(function, args, options)
        outcome = self.outcome
        if outcome.error is not None:
            wanted = f"it returns {short(expected)}"
            raise CheckFailed(wanted, raised(outcome.error), outcome.error)
        value = outcome.value
        if value != expected or type(value) is not type(expected):
            got = f"it returned {short(value)}"
            raise CheckFailed(f"it returns {short(expected)}", got)

    def collect(
        self, function: Callable[..., Any], *args: Any, most: int = 10_000
    ) -> list[Any]:
        """Call a function that returns an iterator; return what it yields."""
        items, error = self.collected(function, *args, most=most)
        if error is not None:
            got = f"{raised(error)} (after yielding {short(items)})"
            raise CheckFailed("that it yields to its end", got, error)
        return items

    def collected(
        self, function: Callable[..., Any], *args: Any, most: int = 10_000
    ) -> tuple[list[Any], Exception | None]:
        """Return what an iterator yields, and what it raises, if it does."""
        items: list[Any] = []

        def take() -> list[Any]:
            for item in function(*args):
                items.append(item)
                if len(items) >= most:
                    break
            return items

        self._call(take, (), {}, self._described(function, args, {}))
        self.outcome.value = items
        error = self.outcome.error
        if error is not None and not isinstance(error, Exception):
            raise error
        return items, error

    def raises(
        self,
        kind: type[BaseException] | tuple[type[BaseException], ...],
        function: Callable[..., Any],
        *args: Any,
        saying: tuple[object, ...] = (),
        **options: Any,
    ) -> BaseException:
        """Call the learner's function, which must raise.

        Args:
            kind: What it must raise.
            function: The function.
            args: Its arguments.
            saying: Words and numbers that the error's message must have.
            options: Its keyword arguments.

        Returns:
            The error.

        Raises:
            CheckFailed: It returned, raised something else, or says too little.
        """
        self._call(function, args, options)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = "that it raises " + " or ".join(k.__name__ for k in kinds)
        error = self.outcome.error
        if error is None:
            got = f"it returned {short(self.outcome.value)}"
            raise CheckFailed(wanted, got)
        if not isinstance(error, kind):
            raise CheckFailed(wanted, raised(error), error)
        missing = [str(word) for word in saying if str(word) not in str(error)]
        if missing:
            wanted += f", with {' and '.join(missing)} in its message"
            raise CheckFailed(wanted, raised(error), error)
        return error

    def equal(self, got: object, expected: object, what: str = "") -> None:
        """Fail unless both are equal; `what` says what is compared."""
        if got != expected or type(got) is not type(expected):
            label = f"{what}: " if what else ""
            self.fail(label + short(expected), label + short(got))

    def that(self, holds: object, expected: str, got: str = "") -> None:
        """Fail unless something holds; `expected` says what should."""
        if not holds:
            self.fail(expected, got or "it did not")

    @contextmanager
    def within(
        self, seconds: float, what: str = "that it is done"
    ) -> Iterator[None]:
        """Fail if the block takes longer than so many seconds and a half."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        if took > seconds + SLACK:
            self.fail(f"{what} within {seconds:g} s", f"it took {took:.1f} s")

    def fail(self, expected: str, got: str) -> NoReturn:
        """Fail: this was expected, that came."""
        raise CheckFailed(expected, got, self.outcome.error)

    def known(self) -> str:
        """Return the mistake that the outcome looks like, or nothing."""
        for text, when in self._mistakes:
            try:
                if when(self.outcome):
                    return text
            except Exception:
                continue  # a value of a shape that the author did not think of
        return ""

    def waits(self) -> list[str]:
        """Return what the peers are waiting for, a line each."""
        lines = [
            f"The peer waits {waits}." for _, waits in self._peers if waits
        ]
        peers = [peer for peer, _ in self._peers if peer.name != "refused"]
        if peers and not any(peer.attempts for peer in peers):
            return [*lines, "The peer waits for somebody to connect."]
        for peer in peers:
            if size := sum(map(len, peer.seen)):
                lines.append(f"The peer has got {size:,} bytes so far.")
        return lines

    def _call(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
        described: str = "",
    ) -> None:
        self.called = described or self._described(function, args, options)
        # Until it returns: a watchdog that looks in now finds it hanging.
        self.outcome = Outcome(hung=True)
        began = time.monotonic()
        value, error = None, None
        try:
            value = function(*args, **options)
            if inspect.iscoroutine(value):
                import asyncio  # most checks start sooner without

                value = asyncio.run(value)
        except SystemExit:
            raise
        except BaseException as caught:  # a cancelled task, pytest.skip()
            error = caught
        seconds = time.monotonic() - began
        self.outcome = Outcome(value, error, seconds)

    def _described(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
    ) -> str:
        given = [short(value, 60) for value in args]
        given += [f"{name}={short(v, 60)}" for name, v in options.items()]
        name = getattr(function, "__name__", type(function).__name__)
        return f"{name}({', '.join(given)})"
