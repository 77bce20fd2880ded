"""Read messages from a stream: by separator, by line, by length, by frame."""

from collections.abc import Iterator
from struct import error as StructError

from netbasics.deadlines import Deadline
from netbasics.errors import ConnectionClosed, FrameTooLarge, LimitExceeded
from netbasics.sockets.buffering import Buffered, ended_by
from netbasics.sockets.frames import FRAME_LIMIT, length_at
from netbasics.sockets.waiting import CHUNK

__all__ = ["LINE_LIMIT", "REST_LIMIT", "Reader"]

LINE_LIMIT = 65536
REST_LIMIT = 64 * 2**20


class Reader(Buffered):
    r"""Read whole messages from a socket that delivers pieces.

    `recv` returns what there is: half a message, or three. A reader waits for
    the whole one, hands it out, and keeps what came after it for the next
    call. `sock.makefile()` does so too, but after one timeout it is unusable
    and what it had read is lost; it has no limits, and it cannot tell a line
    from the beginning of a line that was cut off.

    The rules for all methods:

    - The end of the stream between two messages is None. Inside one it is
      `ConnectionClosed`.
    - Whatever is raised, nothing that was read is lost. After a timeout the
      same call goes on where it stopped; `leftover` shows what is there.
    - A limit counts a message's content, not its separator or its length.

    The reader takes more from the socket than it hands out, so everything
    that reads from this connection has to use the same reader.

    Args:
        sock: A connected socket, or anything with `recv` or `recv_into`. The
            reader does not close it.
        deadline: Seconds from now for all reads together, or a running
            `Deadline`. A new one can be set at any time, such as one for each
            request: `reader.deadline = 5.0`. The socket's own timeout bounds
            each wait as before.

    Attributes:
        received: How many bytes came from the socket so far.

    Example:
        >>> import socket
        >>> ours, theirs = socket.socketpair()
        >>> theirs.sendall(b"GET\r\nbody of 15 bytestail|cut o")
        >>> theirs.close()
        >>> reader = Reader(ours, deadline=5.0)
        >>> reader.line()
        b'GET'
        >>> reader.exactly(16)
        b'body of 15 bytes'
        >>> reader.until(b"|")
        b'tail|'
        >>> reader.until(b"|")
        Traceback (most recent call last):
        netbasics.errors.ConnectionClosed: the peer closed the connection
        after 5 bytes of a message that ends with b'|'
        >>> reader
        <Reader: 31 bytes received, 5 unread, the peer has ended, ...>
        >>> reader.leftover
        b'cut o'
        >>> ours.close()

    A reader has no lock: let one thread at a time read from it.
    """

    def exactly(self, count: int) -> bytes:
        """Return the next `count` bytes.

        Args:
            count: How many, 0 or more. The caller has checked that it is sane
                if it came from the peer.

        Raises:
            ConnectionClosed: The stream ended before, even if before the first
                byte: whoever asks for so many bytes is inside a message. It
                has `got`, which is 0 between two records, and `wanted`.
            DeadlineExceeded: The reader's deadline is over.
            TimeoutError: Nothing came within the socket's timeout.
            ValueError: `count` is negative.
        """
        if count < 0:
            raise ValueError(f"cannot read {count} bytes: give 0 or more")
        if self._ahead:
            self._uncut()
        here = self._start + count <= len(self._block)
        if not here and not self._gather(count, ""):
            raise ConnectionClosed(0, count)
        return self._take(count)

    def until(self, separator: bytes, limit: int = LINE_LIMIT) -> bytes | None:
        """Return the bytes up to and with the next `separator`.

        Args:
            separator: What ends the message, 1 byte or more.
            limit: The most bytes that may come before the separator.

        Returns:
            The message with its separator; None if the stream ended before it.

        Raises:
            ConnectionClosed: The stream ended inside the message.
            LimitExceeded: There is no separator within the limit. Nothing is
                taken; there is no sensible way on but to close.
            DeadlineExceeded, TimeoutError: As for `exactly`.
            ValueError: The separator is empty.
        """
        if not separator:
            raise ValueError("the separator is empty: give 1 byte or more")
        if self._ahead:
            self._uncut()
        before = self._seek(separator, limit)
        if before < 0:
            return None
        if before > limit:
            raise LimitExceeded(ended_by(separator), limit=limit)
        return self._take(before + len(separator))

    def line(self, limit: int = LINE_LIMIT) -> bytes | None:
        r"""Return the next line without its end, which is LF or CRLF.

        A CR that is not before an LF belongs to the line.

        Args:
            limit: The most bytes that a line may have, without its end.

        Returns:
            The line; None if the stream ended before it.

        Raises:
            ConnectionClosed: The stream ended inside the line: without its
                end, nobody can say whether the line is whole. `leftover` has
                what came of it.
            LimitExceeded: The line is longer. Nothing is taken.
            DeadlineExceeded, TimeoutError: As for `exactly`.
        """
        if not self._lines and not self._cut():
            return self._long_line(limit)
        line = self._lines.pop()
        if self._cut_bytes > limit and len(line) > limit:
            self._lines.append(line)
            raise LimitExceeded("a line", limit=limit)
        return line

    def _long_line(self, limit: int) -> bytes | None:
        """Return a line that the block does not hold whole."""
        before = self._seek(b"\n", limit, cr=True)
        if before < 0:
            return None
        line = self._take(before)
        end = self._take(1)
        content = line.removesuffix(b"\r")
        if len(content) > limit:
            self._put_back(line + end)
            raise LimitExceeded("a line", limit=limit)
        return content

    def frame(self, limit: int = FRAME_LIMIT) -> bytes | None:
        """Return the payload of the next frame, as `send_frame` sends it.

        Args:
            limit: The longest payload that is accepted, in bytes.

        Returns:
            The payload; None if the stream ended before the frame.

        Raises:
            ConnectionClosed: The stream ended inside the frame.
            FrameTooLarge: Its length is over the limit. Nothing is taken.
            DeadlineExceeded, TimeoutError: As for `exactly`.
        """
        if self._ahead:
            self._uncut()
        block, start = self._block, self._start
        try:
            (size,) = length_at(block, start)
        except StructError:  # not even the four bytes are here
            return self._long_frame(limit)
        start += 4
        end = start + size
        if size <= limit and end <= len(block):
            self._start = end
            return block[start:end]
        return self._long_frame(limit)

    def _long_frame(self, limit: int) -> bytes | None:
        """Return a frame that the block does not hold whole."""
        if not self._gather(4, "a frame's header"):
            return None
        (size,) = length_at(self._first(4))
        if size > limit:
            raise FrameTooLarge(size=size, limit=limit)
        self._gather(size, "a frame", header=4)
        self._take(4)
        return self._take(size)

    def read(self, limit: int = CHUNK) -> bytes:
        """Return what there is, 1 to `limit` bytes; wait if there is nothing.

        This is `sock.recv` for a connection that has a reader. It returns
        `b""` at the end of the stream.

        Raises:
            DeadlineExceeded, TimeoutError: As for `exactly`.
            ValueError: `limit` is less than 1.
        """
        if limit < 1:
            raise ValueError(f"cannot read {limit} bytes: give 1 or more")
        self._uncut()
        if not self._unread():
            self._receive("whatever comes")
        return self._take(min(limit, self._unread()))

    def rest(self, limit: int = REST_LIMIT) -> bytes:
        """Return everything until the peer ends.

        Args:
            limit: The most bytes that may come.

        Raises:
            LimitExceeded: More came. Nothing is taken.
            DeadlineExceeded, TimeoutError: As for `exactly`.
        """
        self._uncut()
        while self._unread() <= limit and self._receive("the rest"):
            pass
        if self._unread() > limit:
            raise LimitExceeded("the rest", limit=limit)
        return self._take(self._unread())

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the lines, under the usual limit."""
        return iter(self.line, None)

    @property
    def deadline(self) -> Deadline:
        """The total time of the reads; it may be set to seconds from now."""
        return self._deadline

    @deadline.setter
    def deadline(self, value: float | Deadline | None) -> None:
        self._deadline = Deadline.of(value)

    @property
    def leftover(self) -> bytes:
        """What was received and not handed out; it stays in the reader."""
        return self._whole()

    @property
    def at_eof(self) -> bool:
        """Whether the peer is known to have ended and all was handed out.

        It does not look at the socket: only a read can find the end.
        """
        return self._ended and not self._unread()

    def __repr__(self) -> str:
        end = ", the peer has ended" if self._ended else ""
        return (
            f"<Reader: {self.received} bytes received, {self._unread()} "
            f"unread{end}, {self._deadline!r}>"
        )
