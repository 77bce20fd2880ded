"""Undo gzip and deflate: piece by piece, and to the end.

urllib3 can do this too, but takes half a gzip file for the whole: HTTP counts
the packed bytes, and only who unpacks can see that the data has no end.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["CODINGS", "unpack"]

# What `zlib` calls the formats: 31 is gzip's, 15 zlib's own.
CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def unpack(pieces: Iterable[bytes], coding: str, size: int) -> Iterator[bytes]:
    """Yield the unpacked data in pieces of `size` bytes at most.

    A megabyte can hold a gigabyte; it never is in memory at once.

    Args:
        pieces: The packed data.
        coding: One of `CODINGS`.
        size: In bytes.

    Raises:
        zlib.error: The data is not in that format.
        EOFError: The data stops before its end.

    Example:
        >>> import gzip
        >>> b"".join(unpack([gzip.compress(b"hello")], "gzip", 3))
        b'hello'

    Source: RFC 1952 (gzip), RFC 1950 (zlib), RFC 9110, section 8.4.1.
    """
    wbits = CODINGS[coding]
    unpacker: Any = None
    for data in pieces:
        while data:
            if unpacker is None:
                unpacker = zlib.decompressobj(_format(data, wbits))
            elif unpacker.eof:
                # Several gzip files in a row are one (RFC 1952, 2.2); anything
                # else is padding.
                if wbits != 31 or data[0] != 0x1F:
                    break
                unpacker = zlib.decompressobj(wbits)
            yield from _limited(unpacker, data, size)
            data = unpacker.unused_data
    if unpacker is not None and not unpacker.eof:
        raise EOFError(f"the {coding} data stops before its end")


def _format(start: bytes, wbits: int) -> int:
    """Return the format of the data; some servers send deflate without zlib."""
    if wbits == 15 and start[0] & 0x0F != 8:
        return -15
    return wbits


def _limited(unpacker: Any, data: bytes, size: int) -> Iterator[bytes]:
    """Yield what a piece of packed data unpacks to, `size` bytes at a time."""
    while True:
        piece = unpacker.decompress(data, size)
        data = unpacker.unconsumed_tail
        if piece:
            yield piece
        # At the end, what is left is in `unused_data` and here once more.
        if unpacker.eof:
            return
        # A full piece: more may wait inside, though all data was taken in.
        if not data and len(piece) < size:
            return
