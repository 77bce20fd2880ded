"""More than anybody wants: bodies, headers, and what unpacks to a gigabyte."""

import itertools
import struct
import zlib
from collections.abc import Iterator

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["endless_body", "endless_header", "gzip_bomb", "many_headers"]

PIECE = 65_536
MEBIBYTE = 1 << 20


def flood(visit: Visit, piece: bytes, rate: int) -> None:
    """Send the piece again and again, at most `rate` bytes in a second."""
    while True:
        visit.send(piece)
        # Unpaced, loopback would fill a careless client's memory at once.
        visit.pause(len(piece) / rate)


@fault("http", should="fail", because="the body has no end")
def endless_body(rate: int = 8 * MEBIBYTE) -> Peer:
    """Send a body that never ends, with no length.

    Real world: a log or an event stream behind a URL that was thought to be a
    document; a server that was told to fill a disk.

    The caller sees: data, for as long as it likes. No read is slow, so no
    timeout ends it: only a limit on the size or on the total time does.

    Args:
        rate: The most that is sent, in bytes per second.
    """

    def script(visit: Visit) -> None:
        visit.read_request()
        headers = [("Content-Type", "text/plain"), ("Connection", "close")]
        visit.send(head(200, headers))
        flood(visit, b"and so on, " * (PIECE // 11), rate)

    return TCPPeer("endless_body", script)


@fault("http", should="fail", because="the header has no end")
def endless_header(rate: int = 8 * MEBIBYTE) -> Peer:
    """Send one header line that never ends.

    Real world: an attack, or a program that writes its body where a header
    belongs. What holds for clients holds for servers too.

    The caller sees: nothing, as the headers are never complete, while its
    memory fills; unless it limits the length of a line (`http.client`: 65,536
    bytes, then `LineTooLong`).

    Args:
        rate: The most that is sent, in bytes per second.
    """

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        flood(visit, b"a" * PIECE, rate)

    return TCPPeer("endless_header", script)


@fault("http", should="fail", because="no sensible answer has so many headers")
def many_headers(count: int = 10_000) -> Peer:
    """Send ten thousand headers, each of them short and correct.

    Real world: a loop that adds a header (a cookie, `Via`) at each turn.

    The caller sees: `HTTPException: got more than 100 headers` from
    `http.client`. A client without such a limit keeps them all.

    Args:
        count: How many headers, besides the usual three.
    """
    headers = [(f"X-{number}", "1") for number in range(count)]

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(answer(headers=headers))

    return TCPPeer("many_headers", script, content=OK)


@fault("http", should="fail", because="unpacked, it has a gigabyte")
def gzip_bomb(size: int = 1024 * MEBIBYTE) -> Peer:
    """Send one mebibyte that unpacks to a thousand.

    Real world: an attack on whatever fetches URLs, accepts uploads or reads
    archives. A limit on what comes over the wire does not help.

    The caller sees: a small answer with `Content-Encoding: gzip`, and if it
    reads `response.content`, a process without memory. The limit must be on
    what comes out, and be checked while it comes out.

    Args:
        size: The unpacked length, in bytes; rounded up to whole mebibytes.
    """
    bomb = b"".join(pack_zeros(-(-size // MEBIBYTE)))

    def script(visit: Visit) -> None:
        visit.read_request()
        packed = [("Content-Encoding", "gzip")]
        visit.send(answer(bomb, kind="text/plain", headers=packed))

    return TCPPeer("gzip_bomb", script)


def pack_zeros(mebibytes: int) -> Iterator[bytes]:
    """Return a gzip file of that many mebibytes of zeros, in pieces.

    A full flush makes the compressor forget what came before. So from the
    second one on the pieces are equal, and one can be sent again and again
    instead of packing a gigabyte.
    """
    zeros = bytes(MEBIBYTE)
    packer = zlib.compressobj(9, wbits=31)
    pieces = [
        packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
        for _ in range(2)
    ]
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(zeros, checksum)
    size = (mebibytes * MEBIBYTE) % 2**32
    # RFC 1952: an empty last block (03 00), the checksum, the length.
    end = b"\x03\x00" + struct.pack("<II", checksum, size)
    middle = itertools.repeat(pieces[1], mebibytes - 1)
    return itertools.chain(pieces[:1], middle, [end])
