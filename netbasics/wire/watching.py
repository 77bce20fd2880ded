"""A watch: what the sockets of this program say, with no proxy between."""

from types import TracebackType
from typing import Self

from netbasics.wire.hooks import attach, detach
from netbasics.wire.recording import LIMIT, Recorder
from netbasics.wire.views import Views
from netbasics.wire.witness import Witness

__all__ = ["Watch", "watch"]


class Watch(Views):
    """A record of what this program's clients send and receive.

    Get one from `watch()`, which says what it sees. All methods may be called
    from any thread.
    """

    def __init__(self, *, limit: int = LIMIT) -> None:
        self.record = Recorder(limit)
        self._witness: Witness | None = None
        self._errors: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is recording."""
        return self._witness is not None

    @property
    def errors(self) -> tuple[str, ...]:
        """What went wrong while recording; the program was not told."""
        found = self._witness.errors if self._witness else self._errors
        return tuple(found)

    def start(self) -> Self:
        """Record from now on, anew; return self.

        Raises:
            RuntimeError: It is recording already.
        """
        if self._witness is not None:
            raise RuntimeError(
                "this watch is open already: to begin a second record, open "
                "another watch()"
            )
        self.record = Recorder(self.record.limit)
        self._witness = Witness(self.record)
        attach(self._witness)
        return self

    def stop(self) -> None:
        """Record no more. What was recorded stays. Twice is fine."""
        witness, self._witness = self._witness, None
        if witness is not None:
            detach(witness)
            witness.guard(Witness.end)
            self._errors = tuple(witness.errors)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def _title(self) -> str:
        return "This program's connections, as its clients saw them"

    def __repr__(self) -> str:
        connections, size = self.record.counts()
        state = "open" if self.open else "closed"
        return f"<Watch: {state}, {connections} connections, {size} bytes>"


def watch(*, limit: int = LIMIT) -> Watch:
    """Record what the client sockets of this program send and receive.

    A tap needs a client that can be sent through it. This does not: whatever
    connects in this program while the with-block is open is in the record, be
    it `requests`, asyncio, or a socket in another thread. The record is a
    `Transcript`, as of a tap.

    It changes nothing for the sockets: what they return and raise, how they
    block, what class they are. Several watches may be open at once; each
    records for itself.

    It sees what the client's own calls were told. So it has only the client's
    end of each conversation, from a connect in the block on. A UDP client is
    who sends first. In TLS, an `ssl.SSLSocket` is seen in the clear; asyncio
    encrypts before its sockets come to it, and what is seen of it is TLS.

    It does not see other processes (the children of `multiprocessing` are
    some), what passes by a file descriptor (`os.write`, `sendfile`), and
    methods that were looked up before it was opened (`get = sock.recv`).

    Args:
        limit: How many bytes to keep in memory, data and events together.
            When they are used up, it goes on and only counts.

    Returns:
        A watch for a with-block or `start()`. `print(it)` draws what passed,
        `it.transcript` has it as data, `it.save(path)` writes it to a file.

    Raises:
        ValueError: `limit` is negative.

    Example:
        >>> from netbasics import servers, sockets
        >>> with servers.EchoServer() as server, watch() as seen:
        ...     sockets.ask(server.address, b"hello")
        b'hello'
        >>> [event.kind for event in seen.transcript]
        ['connect', 'chunk', 'half-close', 'chunk', 'close']
        >>> seen
        <Watch: closed, 1 connections, 10 bytes>
    """
    return Watch(limit=limit)
