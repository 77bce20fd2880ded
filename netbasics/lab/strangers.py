"""Servers that are not what the client takes them for."""

import socket
from functools import cache
from typing import TYPE_CHECKING, Literal

from netbasics.lab.messages import answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

if TYPE_CHECKING:
    import ssl

__all__ = ["closes_unasked", "tls_only"]

HANDSHAKE = b"\x16"  # the first byte of a TLS client's hello (RFC 8446, 5.1)
# An alert (21), TLS 1.2 (3.3), 2 bytes: fatal (2), unexpected message (10).
ALERT = bytes([21, 3, 3, 0, 2, 2, 10])


def closes_unasked() -> Peer:
    """Read what comes first, whatever it is, and close in order.

    Real world: a service that speaks another protocol, binary and strict.

    The caller sees: the end of the stream, without a byte.

    Example:
        >>> from netbasics import sockets
        >>> with closes_unasked() as peer:
        ...     sockets.ask(peer.address, b"hello")
        b''
    """

    def script(visit: Visit) -> None:
        visit.receive()

    return TCPPeer("closes_unasked", script, scheme="tcp")


def tls_only(plain: Literal["closes", "resets", "alerts"] = "closes") -> Peer:
    r"""Speak TLS to whoever begins with it, and not a word of plain text.

    Real world: a port that serves `https://`, in the ways in which TLS
    servers treat a client that speaks plain text to them.

    The caller sees: in TLS, a handshake with a certificate that nobody has
    signed but itself, and an HTTP answer. In plain text, one of three ends.

    Args:
        plain: What a client gets that does not begin with TLS: an orderly
            end, a reset, or an alert (seven bytes) and an end.

    Example:
        >>> from netbasics import sockets
        >>> with tls_only("alerts") as peer:
        ...     sockets.ask(peer.address, b"GET / HTTP/1.1")
        b'\x15\x03\x03\x00\x02\x02\n'
    """

    def script(visit: Visit) -> None:
        visit.wait_for_input()
        if visit.sock.recv(1, socket.MSG_PEEK) == HANDSHAKE:
            visit.encrypt(context())
            visit.read_request()
            visit.send(answer())
            return
        visit.receive()
        if plain == "resets":
            visit.reset()
        elif plain == "alerts":
            visit.send(ALERT)

    return TCPPeer("tls_only", script, scheme="https")


@cache
def context() -> "ssl.SSLContext":
    """Return a TLS server's settings; making them takes a while."""
    from netbasics.certs import Authority

    return Authority().issue("127.0.0.1", "localhost").server_context()
