"""Connections that are kept for the next request, and are not what they were.

A session keeps its connection after an answer, because a new one costs a round
trip or three. Between two requests it belongs to nobody, and much can happen.
(RFC 9112, section 9.3.)
"""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["answers_twice", "dies_idle", "dies_reused"]

STALE = b'{"status": "nobody asked for this"}\n'


def kept(content: bytes) -> bytes:
    """Return an answer after which the connection stays open."""
    kind = ("Content-Type", "application/json")
    return head(200, [kind, ("Content-Length", str(len(content)))]) + content


def answer_first(visit: Visit, content: bytes) -> None:
    """Answer the first request; a client that wants to close may."""
    request = visit.read_request()
    visit.send(kept(content))
    if (request.header("Connection") or "").lower() == "close":
        visit.close()


@fault(
    "http",
    should="succeed",
    because="a connection that has ended is not used again",
    calls=2,
)
def dies_idle(seconds: float = 0.02, *, content: bytes = OK) -> Peer:
    """Answer one request, keep the connection, and close it a moment later.

    Real world: a server's keep-alive time is shorter than the pause between
    two requests of the client; a load balancer that forgets what is idle.

    The caller sees: nothing at the first request. The second one, on the kept
    connection, gets no answer: `RemoteDisconnected`. A client that looks
    whether the connection has ended, before it uses it again, opens another.

    Args:
        seconds: How long the connection is kept, in seconds.
        content: The body of each answer, as JSON.
    """

    def script(visit: Visit) -> None:
        answer_first(visit, content)
        visit.pause(seconds)

    return TCPPeer("dies_idle", script, content=content)


@fault(
    "http",
    should="succeed",
    because="a GET may be asked again, on a new connection",
    calls=2,
)
def dies_reused(content: bytes = OK) -> Peer:
    """Answer one request, and reset the connection when the next one comes.

    Real world: `dies_idle`, a moment later: the server closes while the second
    request is on its way. To look before cannot help.

    The caller sees: `ConnectionResetError` at the second request of a session,
    now and then. It was never carried out, but nobody can know that: a GET
    may be sent again, a POST may not (RFC 9110, section 9.2.2).

    Args:
        content: The body of each answer, as JSON.
    """

    def script(visit: Visit) -> None:
        answer_first(visit, content)
        visit.read_request()
        visit.reset()

    return TCPPeer("dies_reused", script, content=content)


@fault(
    "http",
    should="succeed",
    because="what came before the question is no answer to it",
    calls=2,
)
def answers_twice(content: bytes = OK, *, stale: bytes = STALE) -> Peer:
    """Answer the first request on a connection twice.

    Real world: a proxy that mixes up its connections; a body that was longer
    than its Content-Length; on purpose, response splitting: somebody else's
    answer is put in front of yours.

    The caller sees: nothing at the first request. To the second one the
    answer is there already, and it is the wrong one; from then on each answer
    is that to the question before. aiohttp takes it. A careful client throws a
    connection away on which something comes before it has asked (RFC 9112,
    section 9.2).

    Args:
        content: The body of the right answer, as JSON.
        stale: The body of the one that nobody asked for.
    """

    def script(visit: Visit) -> None:
        answer_first(visit, content)
        # Not at once: what comes with the answer, clients do notice.
        visit.pause(0.02)
        visit.send(kept(stale))
        visit.read_request()
        visit.send(kept(content))

    return TCPPeer("answers_twice", script, content=content)
