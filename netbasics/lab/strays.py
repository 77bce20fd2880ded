"""Datagrams that answer something else, among those that are waited for."""

import socket
from collections.abc import Callable, Iterable

from netbasics.lab.mailing import Datagram, UDPPeer

__all__ = ["udp_answers_behind", "udp_strays"]


def udp_strays(
    strays: Callable[[bytes], Iterable[bytes]],
    *,
    elsewhere: bool = False,
    every: float | None = None,
) -> UDPPeer:
    """Echo each datagram, with answers to other questions before it.

    Real world: late answers to what was asked before, and those that somebody
    else made up in the hope to be first (RFC 5452 is about that in DNS).

    The caller sees: something that looks like its answer and is not. An id
    tells them apart, or the sender.

    Args:
        strays: Makes the datagrams to send before the echo, from the
            question.
        elsewhere: Send the strays from another port than the one asked.
        every: Do not echo at all; send the strays again and again, with so
            many seconds between, until the peer is stopped.

    Example:
        >>> with udp_strays(lambda data: [b"old", b"older"]) as peer:
        ...     with socket.socket(type=socket.SOCK_DGRAM) as sock:
        ...         sock.settimeout(5)
        ...         _ = sock.sendto(b"new", peer.address)
        ...         sock.recv(100), sock.recv(100), sock.recv(100)
        (b'old', b'older', b'new')
    """

    def script(question: Datagram, peer: UDPPeer) -> None:
        def send() -> None:
            if elsewhere:
                with socket.socket(type=socket.SOCK_DGRAM) as other:
                    other.bind((peer.host, 0))
                    for stray in strays(question.data):
                        question.reply(stray, sock=other)
            else:
                for stray in strays(question.data):
                    question.reply(stray)

        def again() -> None:
            send()
            if every is not None:
                peer.later(every, again)

        again()
        if every is None:
            question.reply(question.data)

    return UDPPeer("udp_strays", script)


def udp_answers_behind(lag: int = 1) -> UDPPeer:
    """Echo each datagram only when the next one has come.

    Real world: a server or a network that is slower than the client's
    patience. The answer to the first try comes during the second.

    The caller sees: silence, and after another try an answer to the first.
    If both tries have the same id, it is the one that it waits for.

    Args:
        lag: How many datagrams later the echo comes.

    Example:
        >>> with udp_answers_behind() as peer:
        ...     with socket.socket(type=socket.SOCK_DGRAM) as sock:
        ...         sock.settimeout(5)
        ...         _ = sock.sendto(b"one", peer.address)
        ...         _ = sock.sendto(b"two", peer.address)
        ...         sock.recv(100)
        b'one'
    """
    held: list[Datagram] = []

    def script(question: Datagram, peer: UDPPeer) -> None:
        held.append(question)
        if len(held) > lag:
            earlier = held.pop(0)
            earlier.reply(earlier.data)

    return UDPPeer("udp_answers_behind", script)
