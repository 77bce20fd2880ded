"""What all peers of the lab have in common: an address, a record, an end."""

import abc
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from netbasics.lab.record import Record, Request
from netbasics.lab.visits import Left, Stopped, Visit
from netbasics.servers import TCPServer

if TYPE_CHECKING:
    import ssl

    from netbasics.certs import Authority

__all__ = ["Peer", "TCPPeer"]


class Peer(abc.ABC):
    """A peer that misbehaves on purpose; a context manager.

    It listens on a free port of 127.0.0.1 while its with-block lasts (or
    between `start()` and `stop()`, in a REPL) and writes down what it gets.

    Args:
        name: The fault's name, for the repr.
        scheme: How its URL begins: `"http"`, `"https"`, `"tcp"`, `"udp"`.
        content: The body that a client would get if all went well.

    Attributes:
        content: See above; a test compares it with what a client believes.
        authority: The certificate authority behind a TLS peer, else None.

    Its properties may be read from any thread.
    """

    def __init__(
        self, name: str, *, scheme: str = "http", content: bytes = b""
    ) -> None:
        self.name = name
        self.scheme = scheme
        self.content = content
        self.authority: Authority | None = None
        self._record = Record()
        self._stopping = threading.Event()
        self._began = 0.0
        self._address: tuple[str, int] | None = None
        self._running = False

    @abc.abstractmethod
    def _open(self) -> tuple[str, int]:
        """Start to listen; return the address."""

    @abc.abstractmethod
    def _close(self) -> None:
        """Give everything back; `_stopping` is set already."""

    def start(self) -> Self:
        """Start, if it is not running; return the peer itself."""
        if not self._running:
            self._stopping.clear()
            self._began = time.monotonic()
            self._address = self._open()
            self._running = True
        return self

    def stop(self) -> None:
        """End at once, whatever a client is waiting for; twice is fine."""
        if self._running:
            self._running = False
            self._stopping.set()
            self._close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens: (host, port); after `stop()`, where it did.

        Raises:
            RuntimeError: It was never started.
        """
        if self._address is None:
            raise RuntimeError(
                f"the peer {self.name!r} has no address before it is started: "
                "use it in a with-block, or call start()"
            )
        return self._address

    @property
    def host(self) -> str:
        """The address without the port: `"127.0.0.1"`."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return self.address[1]

    @property
    def url(self) -> str:
        """The address as a URL, without a slash at its end."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def attempts(self) -> int:
        """How many connections (or datagrams) came, so far."""
        return self._record.attempts

    @property
    def seen(self) -> list[bytes]:
        """The bytes that came, one entry for each connection or datagram."""
        return self._record.seen

    @property
    def requests(self) -> list[Request]:
        """The HTTP requests that came, of all connections."""
        return self._record.requests

    @property
    def refusals(self) -> list[str]:
        """Why clients broke off a TLS handshake, as they told the peer."""
        return self._record.refusals

    def wait_for(self, attempts: int, timeout: float = 5.0) -> bool:
        """Wait for that many attempts; False if they did not come in time."""
        return self._record.wait_for(attempts, timeout)

    def wait_for_bytes(self, count: int, timeout: float = 5.0) -> bool:
        """Wait until `seen` has that many bytes, of all connections together.

        Args:
            count: How many.
            timeout: The longest wait, in seconds.

        Returns:
            Whether they came in time.
        """
        return self._record.wait_for_bytes(count, timeout)

    def __repr__(self) -> str:
        if self._address is None:
            return f"<lab.{self.name}, not started>"
        state = "running" if self._running else "stopped"
        return f"<lab.{self.name} {self.url}, {state}, {self.attempts} seen>"


class TCPPeer(Peer):
    """A peer that follows a script with each client that connects.

    Args:
        name: The fault's name.
        script: What to do with one client; see `Visit`.
        scheme: How its URL begins.
        content: The body that a client would get if all went well.
        tls: A context of a TLS server, for `https` URLs.

    Example:
        >>> from netbasics import sockets
        >>> def rude(visit):
        ...     visit.receive()
        ...     visit.send(b"Go away.")
        >>> with TCPPeer("rude", rude, scheme="tcp") as peer:
        ...     print(sockets.ask(peer.address, b"Hello?"), peer.seen)
        b'Go away.' [b'Hello?']
    """

    def __init__(
        self,
        name: str,
        script: Callable[[Visit], None],
        *,
        scheme: str = "http",
        content: bytes = b"",
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        super().__init__(name, scheme=scheme, content=content)
        self._script = script
        self._tls = tls
        self._server: TCPServer | None = None

        self._visits: set[Visit] = set()

    def _open(self) -> tuple[str, int]:
        self._server = TCPServer(self._serve).start()
        host, port = self._server.address
        return host, port

    def _close(self) -> None:
        for visit in self._visits.copy():
            visit.wake()
        if self._server is not None:
            self._server.stop(drain=0)

    @property
    def errors(self) -> list[BaseException]:
        """What went wrong in the script itself; an empty list if nothing."""
        return list(self._server.errors) if self._server else []

    def _serve(self, sock: socket.socket, _client: object) -> None:
        number = self._record.attempt()
        visit = Visit(sock, number, self._record, self._stopping, self._began)
        self._visits.add(visit)
        try:
            visit.check()
            # Not by the server: it would not tell why a handshake failed.
            if self._tls is not None:
                visit.encrypt(self._tls)
            self._script(visit)
        except (Left, Stopped, OSError):
            # A client that gives up is what a fault leads to: no error here.
            pass
        finally:
            visit.finish()
            self._visits.discard(visit)
