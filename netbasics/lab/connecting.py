"""Nobody there, or somebody who does not speak."""

import errno
import socket
import sys

from netbasics.lab.catalogue import fault
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["full_backlog", "refused", "silent"]


class HeldPort(Peer):
    """A port that is taken, and on which nobody listens.

    A port that was merely free a moment ago is no such thing: another program
    may take it, and on Linux a client that dials a free port of the ephemeral
    range can be given that very port as its own, and connect to itself.
    """

    def _open(self) -> tuple[str, int]:
        self._socket = socket.socket()
        if sys.platform == "win32":
            # There, anybody may bind a port again unless its owner objects.
            self._socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1
            )
        self._socket.bind(("127.0.0.1", 0))
        host, port = self._socket.getsockname()
        return host, port

    def _close(self) -> None:
        self._socket.close()


@fault("tcp", should="fail", because="nobody is there to answer")
def refused() -> Peer:
    """Refuse connections: a port on which surely nothing listens.

    Real world: the service is down or still starting, or the port is wrong.
    The kernel answers for it, with a reset; the peer itself sees nothing, so
    its `attempts` stay 0. The port is held, so that nobody else listens there.

    The caller sees: `ConnectionRefusedError`, at once. In `requests` that is
    a `ConnectionError`. (Windows tries for two seconds before it says so.)

    Example:
        >>> import socket
        >>> from netbasics import lab
        >>> with lab.refused() as peer:
        ...     socket.create_connection(peer.address, timeout=5)
        Traceback (most recent call last):
        ConnectionRefusedError: ...
    """
    return HeldPort("refused")


@fault("tcp", should="fail", because="no answer will ever come")
def silent() -> Peer:
    """Accept the connection, read everything, and never answer.

    Real world: a server whose workers are all stuck, a lost database behind
    it, a firewall that lets the handshake pass and nothing else.

    The caller sees: the connect succeeds, and a read that never ends. Without
    a timeout it waits for ever; with one, `TimeoutError` (in `requests`,
    `ReadTimeout`). `seen` shows that the request did arrive.

    Example:
        >>> import socket
        >>> from netbasics import lab
        >>> with lab.silent() as peer:
        ...     with socket.create_connection(peer.address, 0.1) as sock:
        ...         sock.recv(1)
        Traceback (most recent call last):
        TimeoutError: timed out
    """
    return TCPPeer("silent", Visit.hold)


class FullBacklog(Peer):
    """A listener that nobody accepts from, with no place left in its queue."""

    def _open(self) -> tuple[str, int]:
        if sys.platform != "linux":
            raise OSError(
                errno.ENOTSUP,
                "a full backlog is a matter of the kernel, and this fault "
                f"knows only how Linux does it, not {sys.platform}: skip it",
            )
        # Linux completes one connection more than the backlog says.
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        host, port = self._listener.getsockname()
        self._filler = socket.create_connection((host, port), timeout=5)
        return host, port

    def _close(self) -> None:
        self._filler.close()
        self._listener.close()


@fault("tcp", should="fail", because="the handshake is never completed")
def full_backlog() -> Peer:
    """Do not even complete the connection: the backlog is full (Linux).

    Real world: a server that accepts more slowly than clients arrive, or not
    at all. A firewall that drops packets looks the same to a client.

    The caller sees: `connect` itself waits. The kernel sends the first packet
    again after 1, 3, 7 and more seconds, and gives up after about two minutes
    unless a connect timeout ends it before. In `requests` that is
    `ConnectTimeout`. The peer cannot count whom it never met: `attempts` is 0.

    Raises:
        OSError: On start, where the system is not Linux.
    """
    return FullBacklog("full_backlog")
