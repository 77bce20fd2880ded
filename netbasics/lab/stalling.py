"""Clients and servers that do not read, or end only one of two directions."""

import socket
from collections.abc import Callable

from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["hears_out", "never_reads", "reads_slowly", "speaks_out"]

SMALL = 32_768  # bytes that the system may hold for a reader


def never_reads() -> Peer:
    """Accept the connection, and read nothing of what comes.

    Real world: a program that hangs, or is stopped in a debugger; a phone
    that went through a tunnel.

    The caller sees: its first sends succeed, as the system at both ends holds
    some of it. Then `send` waits, and without a timeout it does so for ever.

    Example:
        >>> import socket
        >>> with never_reads() as peer:
        ...     with socket.create_connection(peer.address, 0.2) as sock:
        ...         sock.sendall(bytes(50_000_000))
        Traceback (most recent call last):
        TimeoutError: timed out
    """

    def script(visit: Visit) -> None:
        hold_little(visit)
        visit.pause()

    return TCPPeer("never_reads", script, scheme="tcp")


def reads_slowly(size: int = 16_384, interval: float = 0.1) -> Peer:
    """Read a little, wait, read a little: always about to be done.

    Real world: a poor line; or somebody who wants to keep a server busy.

    The caller sees: each `send` succeeds in good time, and all of them
    together never end. A timeout for a single `send` does not notice.

    Args:
        size: How many bytes it reads at once.
        interval: The pause before each read, in seconds.

    Example:
        >>> from netbasics import sockets
        >>> with reads_slowly(interval=0.01) as peer:
        ...     sockets.ask(peer.address, b"hello"), peer.seen
        (b'', [b'hello'])
    """

    def script(visit: Visit) -> None:
        hold_little(visit)
        visit.pause(interval)
        while visit.receive(size):
            visit.pause(interval)

    return TCPPeer("reads_slowly", script, scheme="tcp")


def hears_out(reply: Callable[[bytes], bytes] = bytes) -> Peer:
    """Read up to the end of what the client sends, then answer.

    Real world: a protocol in which the end of the question is the end of the
    stream, such as `nc` at both ends, or a filter behind a socket.

    The caller sees: no answer until it ends its own sending (`shutdown`), and
    then all of it. Whoever closes instead never gets it.

    Args:
        reply: Makes the answer of what was heard; by default it is the same.

    Example:
        >>> from netbasics import sockets
        >>> with hears_out(bytes.upper) as peer:
        ...     sockets.ask(peer.address, b"hello")
        b'HELLO'
    """

    def script(visit: Visit) -> None:
        heard = b""
        while piece := visit.receive():
            heard += piece
        visit.send(reply(heard))

    return TCPPeer("hears_out", script, scheme="tcp")


def speaks_out(data: bytes) -> Peer:
    """Send these bytes, end its sending, and only then listen to the end.

    Real world: a server that has said all that it has to say, and still wants
    to know what the client has: an upload after a greeting.

    The caller sees: the bytes, then `b""`. What it sends after that arrives
    all the same, and `seen` has it.

    Args:
        data: What is sent.

    Example:
        >>> from netbasics import sockets
        >>> with speaks_out(b"I listen.") as peer:
        ...     with sockets.connect(peer.address) as sock:
        ...         print(sock.recv(100), sock.recv(100))
        ...         sock.sendall(b"Well then.")
        ...         sock.shutdown(socket.SHUT_WR)
        ...         while not peer.seen[0]:
        ...             pass
        ...     peer.seen
        b'I listen.' b''
        [b'Well then.']
    """

    def script(visit: Visit) -> None:
        visit.send(data)
        visit.sock.shutdown(socket.SHUT_WR)
        while visit.receive():
            pass

    return TCPPeer("speaks_out", script, scheme="tcp")


def hold_little(visit: Visit) -> None:
    """Let the system hold little for this reader, wherever we run."""
    visit.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
