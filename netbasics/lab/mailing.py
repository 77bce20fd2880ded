"""What the peers of the lab that speak UDP have in common."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from netbasics.lab.peers import Peer
from netbasics.servers import UDPServer

__all__ = ["Datagram", "Office", "UDPPeer"]


@dataclass(frozen=True)
class Datagram:
    """A question that came, and the means to answer it.

    Args:
        data: Its bytes.
        number: Which one of this peer's it is, counted from 1.
        sender: The (host, port) it came from.
        sock: The socket it came to.
    """

    data: bytes
    number: int
    sender: tuple[str, int]
    sock: socket.socket = field(repr=False)

    def reply(self, data: bytes, *, sock: socket.socket | None = None) -> None:
        """Send an answer, by default from the address that was asked."""
        # A peer that was stopped meanwhile has lost its socket. So be it:
        # no datagram is sure to arrive.
        with contextlib.suppress(OSError):
            (sock or self.sock).sendto(data, self.sender)


class Office(UDPServer):
    """A UDP server that leaves it to somebody else whether to answer.

    A handler returns one answer or none, and at once. Here there may be two,
    or a late one, or one from elsewhere.
    """

    def __init__(self, deliver: Callable[..., None], *, port: int = 0) -> None:
        super().__init__(self._take, port=port)
        self._deliver = deliver

    def _take(self, data: bytes, peer: Any) -> None:
        self._deliver(self._sock, data, peer)


class UDPPeer(Peer):
    """A peer that does with each datagram what its script says.

    Args:
        name: The fault's name.
        script: What to do with one datagram.

    Example:
        >>> from netbasics import sockets
        >>> def shout(question, _peer):
        ...     question.reply(question.data.upper())
        >>> with UDPPeer("shout", shout) as peer:
        ...     print(sockets.ask_udp(peer.address, b"hello"), peer.seen)
        b'HELLO' [b'hello']
    """

    def __init__(
        self, name: str, script: Callable[[Datagram, "UDPPeer"], None]
    ) -> None:
        super().__init__(name, scheme="udp")
        self._script = script
        self._server: Office | None = None
        self._late: set[threading.Thread] = set()
        self._starting = threading.Lock()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something after a while, unless the peer is stopped before."""

        def wait() -> None:
            if not self._stopping.wait(seconds):
                call()
            self._late.discard(threading.current_thread())

        thread = threading.Thread(target=wait, name=self.name, daemon=True)
        with self._starting:  # nobody can join one that has not begun
            self._late.add(thread)
            thread.start()

    def _open(self) -> tuple[str, int]:
        self._server = Office(self._deliver).start()
        host, port = self._server.address
        return host, port

    def _close(self) -> None:
        if self._server is not None:
            self._server.stop(drain=0)
        with self._starting:
            late = self._late.copy()
        for thread in late:
            thread.join(0.2)

    def _deliver(
        self, sock: socket.socket, data: bytes, sender: tuple[str, int]
    ) -> None:
        number = self._record.attempt(data)
        self._script(Datagram(data, number, sender, sock), self)
