"""A body as it comes in: decompressed, under a limit, and whole. No I/O.

Two things are easy to get wrong. A few kilobytes of gzip can be gigabytes of
zeros, so the limit must hold while decompressing and not after it. And a
compressed stream that ends early is a truncated body, even where the number of
bytes is the one that was announced.
"""

import zlib
from typing import Protocol

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.urls import redact

__all__ = ["ACCEPTED", "Body"]

ACCEPTED = "gzip, deflate"
"""The codings that a `Body` can undo: the value for Accept-Encoding."""

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0) -> bytes: ...


class Body:
    """Collects the pieces of one body.

    Args:
        coding: The Content-Encoding header; "" for none.
        limit: The most bytes that the body may have, decompressed.
        url: Where it comes from, for errors.

    Example:
        >>> import gzip
        >>> bomb = gzip.compress(bytes(10_000_000))
        >>> len(bomb) < 10_000
        True
        >>> Body("gzip", limit=1_000_000, url="http://h/").feed(bomb)
        Traceback (most recent call last):
        netbasics.errors.LimitExceeded: the body of http://h/ is longer ...

    Source: RFC 9110, 8.4.1; RFC 1952, 2.2 (gzip may have several members).
    """

    def __init__(self, coding: str = "", *, limit: int, url: object) -> None:
        self._limit = limit
        self._url = url
        self._coding = coding.strip().lower().removeprefix("x-")
        self._plain = self._coding in ("", "identity")
        self._pieces: list[bytes] = []
        self._inflater: _Inflater | None = None
        self._announced: int | None = None
        self.size = 0
        self.received = 0

    @property
    def _what(self) -> str:
        return f"the body of {redact(self._url)}"

    def announce(self, size: int | None) -> None:
        """Take note of a Content-Length, which counts what is compressed.

        Raises:
            LimitExceeded: The body will be too long.
        """
        if size is not None and size > self._limit and self._plain:
            raise LimitExceeded(self._what, limit=self._limit, size=size)
        self._announced = size

    def feed(self, data: bytes) -> None:
        """Take the next piece as it came from the network.

        Raises:
            LimitExceeded: The body has become too long.
            ProtocolError: It is not compressed as its header says, or in a way
                that is none of `ACCEPTED`.
        """
        self.received += len(data)
        if self._plain:
            self._keep(data)
            return
        try:
            self._inflate(data)
        except zlib.error as error:
            raise ProtocolError(
                f"{self._what} is not {self._coding}, as its header says: "
                f"{error}"
            ) from None

    def cut(self) -> ConnectionClosed:
        """Return the error for a connection that ended too early."""
        return ConnectionClosed(self.received, self._announced, what=self._what)

    def end(self) -> bytes:
        """Return the whole body; nothing more may come.

        Raises:
            ConnectionClosed: The compressed data ends in the middle.
        """
        if self._inflater is not None and not self._inflater.eof:
            raise ConnectionClosed(
                self.received, what=f"{self._what}, whose {self._coding} is cut"
            )
        return self.so_far

    @property
    def so_far(self) -> bytes:
        """What there is, whole or not."""
        return b"".join(self._pieces)

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise LimitExceeded(self._what, limit=self._limit)
        self._pieces.append(data)

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._inflater is None:
                self._inflater = self._begin(data)
            elif self._inflater.eof and not self._next_member(data):
                return
            # One byte more than is allowed: enough to know that it is too long.
            room = self._limit - self.size + 1
            self._keep(self._inflater.decompress(data, room))
            data = self._inflater.unused_data

    def _begin(self, data: bytes) -> _Inflater:
        if self._coding == "gzip":
            return zlib.decompressobj(_GZIP)
        if self._coding != "deflate":
            raise ProtocolError(
                f"{self._what} is compressed as {self._coding[:40]!r}, which "
                f"was not asked for: only {ACCEPTED} can be undone here"
            )
        # "deflate" means zlib's format; some servers send it without wrapping.
        return zlib.decompressobj(_ZLIB if data[0] & 0x0F == 8 else _RAW)

    def _next_member(self, data: bytes) -> bool:
        """Begin another gzip member; what else follows the end is ignored."""
        if self._coding != "gzip" or data[0] != 0x1F:
            return False
        self._inflater = zlib.decompressobj(_GZIP)
        return True
