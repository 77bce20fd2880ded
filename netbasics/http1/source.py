"""Where messages are read from: a reader on a connection, or bytes."""

from typing import Protocol

from netbasics.errors import ConnectionClosed, LimitExceeded

__all__ = ["Given", "Source", "source"]


class Source(Protocol):
    """What is asked of a reader; `sockets.Reader` has it."""

    def line(self, limit: int = ...) -> bytes | None:
        """Return a line without LF or CRLF; None at the end."""

    def until(self, separator: bytes, limit: int = ...) -> bytes | None:
        """Return what comes up to and with the separator; None at the end."""

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
        start = self._at
        # The CR does not count.
        line = self.until(b"\n", limit + 1)
        if line is None:
            return None
        line = line[:-1].removesuffix(b"\r")
        if len(line) > limit:
            self._at = start
            raise LimitExceeded("a line", limit=limit)
        return line

    def until(self, separator: bytes, limit: int = 65536) -> bytes | None:
        """Return the bytes up to and with the separator, or None."""
        most = self._at + limit + len(separator)
        end = self._data.find(separator, self._at, most)
        left = len(self._data) - self._at
        if end < 0:
            if left >= limit + len(separator):
                raise LimitExceeded("a line", limit=limit)
            if not left:
                return None
            raise ConnectionClosed(left, what="a line")
        return self.exactly(end + len(separator) - self._at)

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
