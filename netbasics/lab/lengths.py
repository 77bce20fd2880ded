"""A Content-Length that is not true, or no length at all.

The length says where a body ends, and so where the next answer begins. Two
programs that read it differently see different messages in the same bytes:
that is request smuggling. RFC 9112, section 6.3, says what must be refused.
(A length that is too long is `cut_off`.)
"""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "length_and_chunked",
    "length_negative",
    "length_no_number",
    "length_too_short",
    "length_twice",
]


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
    """Send more bytes than Content-Length says: here 12 of 17.

    Real world: a server that counted characters and sent bytes (`é` is one
    character and two bytes), or one that adds something behind the answer.

    The caller sees: a body that ends early, correct by all rules. On a
    connection that is kept, the rest would be read as the start of the next
    answer; so a careful client closes it.
    """
    return with_lengths("length_too_short", len(OK) - 5)


@fault("http", should="fail", because="nobody can tell which length is true")
def length_twice() -> Peer:
    """Send two Content-Length headers that differ.

    Real world: two programs on the way that each added their own; on purpose,
    an attempt at request smuggling.

    The caller sees: with most clients nothing, they take the first. RFC 9112,
    section 6.3, calls it an unrecoverable error.
    """
    return with_lengths("length_twice", len(OK), len(OK) - 5)


@fault("http", should="fail", because="no body has a negative length")
def length_negative() -> Peer:
    """Send `Content-Length: -1`.

    Real world: a program that writes "unknown" as -1.

    The caller sees: an error if the client checks; `http.client` ignores the
    header and reads until the end. A loop `while left > 0` reads nothing.
    """
    return with_lengths("length_negative", -1)


@fault("http", should="fail", because="the length cannot be known")
def length_no_number() -> Peer:
    """Send a Content-Length that is not a number: `Content-Length: many`.

    Real world: a template or a variable that was not filled in.

    The caller sees: an error if the client checks. A client that calls `int`
    on it must expect `ValueError`; and `int(" 1_7")` is 17, though no such
    length exists.
    """
    return with_lengths("length_no_number", "many")


@fault("http", should="fail", because="two framings that exclude each other")
def length_and_chunked() -> Peer:
    """Send a Content-Length and a chunked body at once.

    Real world: a proxy that decodes chunks, or adds a length, and forgets to
    change the other header; on purpose, request smuggling.

    The caller sees: with most clients the chunked body (RFC 9112, section 6.3,
    lets Transfer-Encoding win), and it "ought to be handled as an error".
    """
    framing = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(OK), OK)
    return with_framing("length_and_chunked", framing, body)
