"""UDP as it can be: dropped, doubled, late, out of order, cut, from elsewhere.

Each peer is an echo, so that it is plain which answer belongs to which
question. On loopback none of this happens by itself, which is why programs
that use UDP work until they leave the laptop.
"""

import socket
import threading
from collections.abc import Callable

from netbasics.lab.catalogue import fault
from netbasics.lab.mailing import Datagram, UDPPeer

__all__ = [
    "udp_delays",
    "udp_drops",
    "udp_duplicates",
    "udp_other_port",
    "udp_reorders",
    "udp_truncates",
]


@fault("udp", should="succeed", because="asking again gets an answer")
def udp_drops(lost: int = 2, of: int = 3) -> UDPPeer:
    """Lose the first two of each three datagrams.

    Real world: a full queue anywhere on the way. Nobody is told.

    The caller sees: silence; a `recv` without a timeout waits for ever. With
    a timeout and another try it gets an answer, and `attempts` shows how many
    it needed.

    Args:
        lost: How many datagrams in a row are lost.
        of: After how many it starts over. `lost=1, of=1` loses all.

    Raises:
        ValueError: Not 0 <= lost <= of, or `of` is 0.
    """
    if not 0 <= lost <= of or of < 1:
        raise ValueError(
            f"lost={lost} of={of} is not possible: give counts with "
            "0 <= lost <= of, and of 1 or more"
        )

    def script(question: Datagram, peer: UDPPeer) -> None:
        if (question.number - 1) % of >= lost:
            question.reply(question.data)

    return UDPPeer("udp_drops", script)


@fault("udp", should="succeed", because="the second copy can be left unread")
def udp_duplicates(copies: int = 2) -> UDPPeer:
    """Answer each datagram twice.

    Real world: a network that sends again what had arrived after all; or a
    client's own second try, when only the first answer was late.

    The caller sees: its answer, and later the same one again, as if it were
    the answer to the next question. An id in each question tells them apart.

    Args:
        copies: How many answers each question gets.
    """

    def script(question: Datagram, peer: UDPPeer) -> None:
        for _ in range(copies):
            question.reply(question.data)

    return UDPPeer("udp_duplicates", script)


@fault("udp", should="succeed", because="the answer comes in good time")
def udp_delays(seconds: float = 0.5) -> UDPPeer:
    """Answer each datagram late.

    Real world: a long way, or long queues. The others are not held up: it is
    the network that is slow here, not the server.

    The caller sees: nothing for that long. If it asks again meanwhile, it
    gets one answer for each try, and all but the first are stale.

    Args:
        seconds: How late each answer is, in seconds.
    """

    def script(question: Datagram, peer: UDPPeer) -> None:
        peer.later(seconds, lambda: question.reply(question.data))

    return UDPPeer("udp_delays", script)


@fault("udp", should="succeed", because="a single question has one answer")
def udp_reorders(patience: float = 0.2) -> UDPPeer:
    """Answer in pairs, the second question first.

    Real world: two ways through the network of different length.

    The caller sees: with one question at a time, an answer that is a bit
    late. With two under way, the answers the other way round: who matches
    them by their order takes each for the other.

    Args:
        patience: How long an answer waits for one to overtake it, in seconds.
    """
    held: list[Once] = []
    lock = threading.Lock()

    def script(question: Datagram, peer: UDPPeer) -> None:
        answer = Once(lambda: question.reply(question.data))
        with lock:
            earlier = held.pop() if held else None
            if earlier is None or earlier.done:
                held.append(answer)
                peer.later(patience, answer)
                return
        answer()
        earlier()

    return UDPPeer("udp_reorders", script)


class Once:
    """Something that is called one time, whoever is first to call it."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self.done = False

    def __call__(self) -> None:
        """Call it, unless that has been done."""
        with self._lock:
            if self.done:
                return
            self.done = True
        self._call()


@fault(
    "udp",
    should="succeed",
    because="a datagram has no length that could be missed; the format must",
)
def udp_truncates(size: int | None = None) -> UDPPeer:
    """Answer with the first half of what came.

    Real world: a DNS answer that does not fit and says so (TC); a reader
    whose buffer was too small, from which the system takes the rest away
    without a word.

    The caller sees: a datagram, correct in every way, with less in it. Only a
    format with a length, an end mark or a checksum makes that visible.

    Args:
        size: How many bytes are left, instead of half of them.
    """

    def script(question: Datagram, peer: UDPPeer) -> None:
        data = question.data
        question.reply(data[: len(data) // 2 if size is None else size])

    return UDPPeer("udp_truncates", script)


@fault("udp", should="fail", because="the one who was asked did not answer")
def udp_other_port() -> UDPPeer:
    """Answer from another port than the one that was asked.

    Real world: a server with two addresses that answers from the wrong one;
    on purpose, an answer that somebody else made up.

    The caller sees: with `sendto` and `recvfrom`, an answer, if it does not
    look at the sender. With a connected socket, which takes answers from its
    peer only, silence.
    """

    def script(question: Datagram, peer: UDPPeer) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind((peer.host, 0))
            question.reply(question.data, sock=elsewhere)

    return UDPPeer("udp_other_port", script)
