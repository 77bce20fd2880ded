"""The body of a request, as a file that ends where the body ends.

Read the bare connection to its end, and you wait for a client that waits for
your answer.
"""

import io
import tempfile
from typing import IO, Any

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError

__all__ = ["SizedBody", "unchunk"]

# Skipped at the end of a request, at most, in bytes; more is not worth it.
SKIPPED = 65536
LONGEST_LINE = 4096
MOST_TRAILERS = 100
IN_MEMORY = 1 << 20
HEX = frozenset(b"0123456789abcdefABCDEF")


class SizedBody(io.RawIOBase):
    """A body whose length the request states.

    Args:
        source: The connection, after the headers.
        length: How long the body is, in bytes.

    Example:
        >>> source = io.BufferedReader(io.BytesIO(b"hello GET / HTTP/1.1"))
        >>> SizedBody(source, 5).read()
        b'hello'
    """

    def __init__(self, source: io.BufferedReader, length: int) -> None:
        self._source = source
        self._length = self._left = length

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read up to the body's end.

        Raises:
            ConnectionAbortedError: The client closed before all of it came.
                Frameworks expect an OSError here, and answer it with 400.
        """
        view = memoryview(buffer)[: self._left]
        if not view:
            return 0
        count = self._source.readinto1(view)
        if not count:
            raise ConnectionAbortedError(
                f"the client closed after {self._length - self._left} of "
                f"{self._length} bytes of a request's body"
            )
        self._left -= count
        return count

    def skip(self) -> bool:
        """Read over the rest; False if that is too much, or does not come."""
        buffer = bytearray(8192)
        if self._left > SKIPPED:
            return False
        try:
            while self.readinto(buffer):
                pass
        except OSError:
            return False
        return True


def unchunk(source: io.BufferedReader, *, limit: int) -> IO[bytes]:
    r"""Read a body that comes in chunks, each with its length before it.

    The whole of it is read before the app runs, as WSGI apps count on a
    Content-Length: into memory, and from 1 MiB on into a temporary file.
    Extensions and trailers are read over. RFC 9112, section 7.1.

    Args:
        source: The connection, after the headers.
        limit: The most that is taken, in bytes.

    Returns:
        The body, as an open file at its beginning.

    Raises:
        ProtocolError: What came is not in chunks.
        LimitExceeded: The body is longer than the limit.
        ConnectionClosed: The client closed before the last chunk.

    Example:
        >>> chunks = b"5\r\nhello\r\n0\r\n\r\n"
        >>> source = io.BufferedReader(io.BytesIO(chunks))
        >>> with unchunk(source, limit=100) as body:
        ...     body.read()
        b'hello'
    """
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        while size := _chunk_size(_line(source)):
            if body.tell() + size > limit:
                raise LimitExceeded("the request's body", limit=limit)
            _copy(source, body, size)
            if _line(source):
                raise ProtocolError("a chunk is longer than it says")
        for _ in range(MOST_TRAILERS):
            if not _line(source):
                body.seek(0)
                return body
        raise ProtocolError(f"more than {MOST_TRAILERS} trailers")
    except BaseException:
        body.close()
        raise


def _chunk_size(line: bytes) -> int:
    """Return the length in a chunk's first line, which may have extensions."""
    size = line.partition(b";")[0].strip(b" \t")
    # int() would also take "+5", "0x5" and "1_000".
    if not 0 < len(size) <= 16 or set(size) - HEX:
        raise ProtocolError(f"{size[:20]!r} is no length of a chunk")
    return int(size, 16)


def _copy(source: io.BufferedReader, body: IO[bytes], size: int) -> None:
    left = size
    while left:
        data = source.read1(min(left, 65536))
        if not data:
            raise ConnectionClosed(size - left, size, what="a chunk")
        body.write(data)
        left -= len(data)


def _line(source: io.BufferedReader) -> bytes:
    line = source.readline(LONGEST_LINE)
    if line.endswith(b"\n"):
        return line.rstrip(b"\r\n")
    if len(line) == LONGEST_LINE:
        raise ProtocolError("a line between chunks is too long")
    raise ConnectionClosed(len(line), what="a line between chunks")
