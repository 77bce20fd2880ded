"""Works, fails, works again."""

from typing import Literal

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["flapping"]

MANNERS = ("reset", "close", "silent")
Failure = int | Literal["reset", "close", "silent"]


@fault("http", should="succeed", because="a GET may be tried again")
def flapping(
    fails: int = 1,
    works: int | None = 1,
    *,
    failure: Failure = 503,
    content: bytes = OK,
) -> Peer:
    r"""Fail, work, fail: by count, so that the same run always goes the same.

    Real world: one of several servers behind an address is broken, or a
    service restarts again and again.

    The caller sees: an error, and success when it asks again. It looks
    healthy to whoever asks once at the right moment.

    Args:
        fails: How many requests in a row fail, to begin with.
        works: How many then succeed, before it starts over; None for all.
        failure: How it fails: a status code, `"reset"`, `"close"` (without
            an answer) or `"silent"`.
        content: The body of a success, as JSON.

    Raises:
        ValueError: A count is negative, or both are 0, or the failure
            is unknown.

    Example:
        >>> from netbasics import lab, sockets
        >>> question = b"GET / HTTP/1.1\r\n\r\n"
        >>> with lab.flapping(fails=1, works=2) as peer:
        ...     for _ in range(4):
        ...         raw = sockets.ask(peer.address, question)
        ...         print(raw.splitlines()[0].decode())
        HTTP/1.1 503 Service Unavailable
        HTTP/1.1 200 OK
        HTTP/1.1 200 OK
        HTTP/1.1 503 Service Unavailable
    """
    if fails < 0 or (works is not None and (works < 0 or fails + works == 0)):
        raise ValueError(
            f"fails={fails}, works={works} is not a pattern: give two counts "
            "of 0 or more, of which one is above 0"
        )

    if not isinstance(failure, int) and failure not in MANNERS:
        raise ValueError(
            f"failure={failure!r} is not known: give a status code, or one of "
            + ", ".join(MANNERS)
        )

    def script(visit: Visit) -> None:
        visit.read_request()
        before = visit.number - 1
        turn = before if works is None else before % (fails + works)
        if turn >= fails:
            visit.send(answer(content))
        else:
            fail(visit, failure)

    return TCPPeer("flapping", script, content=content)


def fail(visit: Visit, failure: Failure) -> None:
    """Fail in the way that is asked for."""
    if failure == "reset":
        visit.reset()
    elif failure == "silent":
        visit.hold()
    elif isinstance(failure, int):
        visit.send(answer(b'{"error": "try again"}\n', status=failure))
