"""Chunked bodies (RFC 9112, section 7.1) that are wrong."""

from netbasics.lab.catalogue import fault
from netbasics.lab.lengths import with_framing
from netbasics.lab.messages import OK
from netbasics.lab.peers import Peer

__all__ = ["bad_chunk_size", "chunked_cut_off"]

CHUNKED = [("Transfer-Encoding", "chunked")]


@fault("http", should="fail", because="the last chunk never came")
def chunked_cut_off() -> Peer:
    """End a chunked body without its last chunk, at the end of a chunk.

    Real world: the program that made the answer died half-way, after the
    headers with their 200 had gone out.

    The caller sees: well-formed chunks, then the end of the stream. Only the
    missing `0` chunk says that this is not all; a client that stops at the
    end of the stream takes a part for the whole.
    """
    half = OK[: len(OK) // 2]
    body = b"%x\r\n%b\r\n" % (len(half), half)
    return with_framing("chunked_cut_off", CHUNKED, body)


@fault("http", should="fail", because="nobody can tell where the chunk ends")
def bad_chunk_size(size: bytes = b"0x11") -> Peer:
    """Send a chunk whose size is not hexadecimal digits.

    Real world: a home-made server. On purpose: `0x11`, `+11` and `1_1` are
    numbers for Python's `int(text, 16)` and errors for others, and where two
    programs disagree about a length a request can be smuggled through.

    The caller sees: an error, or with a lenient parser (`urllib`, `requests`)
    a body, as if nothing were wrong.

    Args:
        size: What stands where the size of the chunk should be.
    """
    body = b"%b\r\n%b\r\n0\r\n\r\n" % (size, OK)
    return with_framing("bad_chunk_size", CHUNKED, body)
