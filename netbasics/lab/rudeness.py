"""Connections that end without a goodbye: resets, and a plain hang-up."""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, TEXT, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "hangs_up",
    "leaves_input_unread",
    "resets_after",
    "resets_before",
    "resets_during",
]

# A reset throws away what is still on its way. The pause lets what was sent
# before it arrive, so that each run goes the same.
ARRIVAL = 0.05


@fault("tcp", should="fail", because="no answer came")
def hangs_up() -> Peer:
    """Read the request and close in order, without a word.

    Real world: a server process that is restarted, a load balancer with no
    server behind it, a worker that crashed while it worked on the request.

    The caller sees: the end of the stream, `recv` gives `b""`. For HTTP that
    is no answer: `http.client.RemoteDisconnected`, in `requests` a
    `ConnectionError`. Whether the request was carried out nobody knows, so
    only what is safe to repeat may be tried again.
    """

    def script(visit: Visit) -> None:
        visit.read_request()

    return TCPPeer("hangs_up", script)


@fault("tcp", should="fail", because="no answer came")
def resets_before() -> Peer:
    """Reset the connection as soon as a request comes, before any answer.

    Real world: a crashed process, a firewall that rejects, a proxy that has
    lost the connection behind it.

    The caller sees: `ConnectionResetError` from `recv`; perhaps already from
    `sendall`, as a `BrokenPipeError`, if it has more to send.
    """

    def script(visit: Visit) -> None:
        visit.receive()
        visit.reset()

    return TCPPeer("resets_before", script)


@fault("http", should="fail", because="only half of the answer came")
def resets_during(content: bytes = TEXT) -> Peer:
    """Send the headers and half of the body, then reset.

    Real world: a crash while a large answer is sent; a middlebox that forgot
    the connection.

    The caller sees: the first half can be read, then comes
    `ConnectionResetError`. (Linux hands out what had arrived; other systems
    may drop it.) Unlike a cut in order, this cannot be mistaken for the end.

    Args:
        content: The whole body, as plain text.
    """
    whole = answer(content, kind="text/plain")

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(whole[: -((len(content) + 1) // 2)])
        visit.pause(ARRIVAL)
        visit.reset()

    return TCPPeer("resets_during", script, content=content)


@fault("http", should="succeed", because="the answer was whole by its length")
def resets_after(content: bytes = OK) -> Peer:
    """Send a whole answer, then reset instead of closing.

    Real world: a server in a hurry, which closes with SO_LINGER 0 so that no
    connection stays in TIME_WAIT.

    The caller sees: a complete answer, if it stops reading where
    Content-Length says. A client that reads on until the end of the stream
    gets `ConnectionResetError`.

    Args:
        content: The body, as JSON.
    """

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(answer(content))
        visit.pause(ARRIVAL)
        visit.reset()

    return TCPPeer("resets_after", script, content=content)


@fault("http", should="succeed", because="the answer was whole by its length")
def leaves_input_unread(content: bytes = OK) -> Peer:
    """Answer without reading the request, and close.

    Real world: a server that refuses an upload by its first line, and does
    not read the rest.

    The caller sees: the answer and then a reset, because to close a socket
    with unread input is a reset (RFC 1122, section 4.2.2.13). A client that
    is still sending gets `ConnectionResetError` or `BrokenPipeError`, and may
    never see the answer which says why. That is why servers read on a while
    before they close.

    Args:
        content: The body of the answer, as JSON.
    """

    def script(visit: Visit) -> None:
        visit.wait_for_input()
        visit.send(answer(content))
        visit.close()

    return TCPPeer("leaves_input_unread", script, content=content)
