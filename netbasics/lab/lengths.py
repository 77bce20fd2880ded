"""A Content-Length that is not true, or no length at all.

The length says where a body ends, and so where the next answer begins. Two
programs that read it differently see different messages in the same bytes:
that is request smuggling. RFC 9112, section 6.3, says what must be refused.
(A length that is too long, with a connection that then ends, is `cut_off`.)
"""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "length_and_chunked",
    "length_negative",
    "length_no_number",
    "length_too_long",
    "length_too_short",
    "length_twice",
]

SHORT = len(OK) - 5


def with_lengths(name: str, *lengths: object) -> Peer:
    """Return a peer that announces its body by these Content-Lengths."""
    framing = [("Content-Length", str(length)) for length in lengths]
    return with_framing(name, framing, OK)


def with_framing(
    name: str, framing: list[tuple[str, str]], body: bytes
) -> Peer:
    """Return a peer that sends this body behind these headers."""
    kind = ("Content-Type", "application/json")

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(head(200, [kind, *framing, ("Connection", "close")]) + body)

    return TCPPeer(name, script, content=OK)


@fault(
    "http",
    should="succeed",
    because="by its length the message is whole; what follows is not part",
)
def length_too_short() -> Peer:
    """Send more bytes than Content-Length says: 12 of 17, then the rest.

    Real world: a server that counted characters and sent bytes (`é` is one
    character and two bytes), or one that adds something behind the answer.

    The caller sees: a body that ends early, and is correct by all rules. The
    rest comes a moment later, when the client has finished; had it come at
    once, aiohttp would have refused it and `requests` not. On a connection
    that is kept it would be read as the start of the next answer.
    """
    framing = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(SHORT)),
        ("Connection", "close"),
    ]

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(head(200, framing) + OK[:SHORT])
        visit.pause(0.05)
        visit.send(OK[SHORT:])

    return TCPPeer("length_too_short", script, content=OK[:SHORT])


@fault("http", should="fail", because="the rest of the body never comes")
def length_too_long() -> Peer:
    """Announce five bytes more than there are, and keep the connection open.

    Real world: a server that counted CRLF and sent LF, or changed the body
    after it had counted; both sides wait, each for the other.

    The caller sees: nearly all of the body, then silence. It ends by a
    timeout, if there is one, and what was read until then is not the body.
    """
    framing = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(OK) + 5)),
    ]

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(head(200, framing) + OK)
        visit.hold()

    return TCPPeer("length_too_long", script, content=OK)


@fault("http", should="fail", because="nobody can tell which length is true")
def length_twice() -> Peer:
    """Send two Content-Length headers that differ.

    Real world: two programs on the way that each added their own; on purpose,
    an attempt at request smuggling.

    The caller sees: with `urllib` nothing, it takes the first; `requests` and
    aiohttp refuse. RFC 9112, section 6.3: an unrecoverable error.
    """
    return with_lengths("length_twice", len(OK), SHORT)


@fault("http", should="fail", because="no body has a negative length")
def length_negative() -> Peer:
    """Send `Content-Length: -1`.

    Real world: a program that writes "unknown" as -1.

    The caller sees: an error if the client checks, as aiohttp does. `urllib`
    and `requests` ignore the header and read until the end of the stream, so
    they cannot notice a cut. A loop `while left > 0` reads nothing at all.
    """
    return with_lengths("length_negative", -1)


@fault("http", should="fail", because="the length cannot be known")
def length_no_number() -> Peer:
    """Send a Content-Length that is not a number: `Content-Length: many`.

    Real world: a template or a variable that was not filled in.

    The caller sees: the same as with `length_negative`. A client that calls
    `int` on it must expect `ValueError`, and must not stop there: Python's
    `int(" 1_7")` is 17, though HTTP knows no such length.
    """
    return with_lengths("length_no_number", "many")


@fault("http", should="fail", because="two framings that exclude each other")
def length_and_chunked() -> Peer:
    """Send a Content-Length and a chunked body at once.

    Real world: a proxy that decodes chunks, or adds a length, and forgets to
    change the other header; on purpose, request smuggling.

    The caller sees: with `urllib` and `requests` the chunked body, as if the
    length were not there; aiohttp refuses. By RFC 9112, section 6.3, the
    chunks win, but it "ought to be handled as an error".
    """
    framing = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(OK), OK)
    return with_framing("length_and_chunked", framing, body)
