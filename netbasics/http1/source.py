"""Where messages are read from: a reader on a connection, or bytes."""

from typing import Protocol

from netbasics.errors import ConnectionClosed, LimitExceeded

__all__ = ["Given", "Source", "source"]


class Source(Protocol):
    """What is asked of a reader; `sockets.Reader` has it."""

    def line(self, limit: int = ...) -> bytes | None:
        """Return a line without LF or CRLF; None at the end."""

    def exactly(self, count: int) -> bytes:
        """Return so many bytes, or raise ConnectionClosed."""

    def rest(self, limit: int = ...) -> bytes:
        """Return everything until the end."""


class Given:
    """A source that has all its bytes already; they end where they end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def leftover(self) -> bytes:
        """What has not been read."""
        return self._data[self._at :]

    def line(self, limit: int = 65536) -> bytes | None:
        """Return the next line without its end, or None."""
        # A line of `limit` bytes may have a CR and an LF behind it.
        end = self._data.find(b"\n", self._at, self._at + limit + 2)
        left = len(self._data) - self._at
        if end < 0 and left > limit + 1:
            raise LimitExceeded("a line", limit=limit)
        if end < 0:
            if not left:
                return None
            raise ConnectionClosed(left, what="a line")
        line = self._data[self._at : end].removesuffix(b"\r")
        if len(line) > limit:
            raise LimitExceeded("a line", limit=limit)
        self._at = end + 1
        return line

    def exactly(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        left = len(self._data) - self._at
        if left < count:
            raise ConnectionClosed(left, count)
        self._at += count
        return self._data[self._at - count : self._at]

    def rest(self, limit: int = 1 << 26) -> bytes:
        """Return all that is left."""
        data = self.leftover
        if len(data) > limit:
            raise LimitExceeded("the rest", limit=limit)
        self._at = len(self._data)
        return data


def source(raw: bytes | Source) -> Source:
    """Return `raw` as a source."""
    return Given(bytes(raw)) if isinstance(raw, bytes | bytearray) else raw
