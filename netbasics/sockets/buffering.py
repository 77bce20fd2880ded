"""How a reader keeps its bytes, so that none is lost or searched twice.

There are two places, and only one of them holds unread bytes at a time:

- `_block` is what the kernel gave last, and `_start` how much of it has been
  handed out. Most messages lie in it whole: found by one search, taken by one
  slice.
- `_partial` grows in place while a message is longer than what one call to
  the kernel gave.

`_searched` remembers how far a separator was looked for. Lines are cut from
the block many at a time, since one `split` costs less than a search for each
line; those that nobody asks for go back to the block.
"""

from netbasics.deadlines import Deadline
from netbasics.errors import ConnectionClosed, DeadlineExceeded, LimitExceeded
from netbasics.sockets.waiting import (
    CHUNK,
    Receives,
    ReceivesInto,
    patience,
    receiver,
    waiting,
)

__all__ = ["Buffered", "ended_by"]


class Buffered:
    """The bytes of a stream that were received and not handed out.

    Args:
        sock: What to receive from.
        deadline: The total time of all waits.
    """

    def __init__(
        self,
        sock: Receives | ReceivesInto,
        *,
        deadline: float | Deadline | None = None,
    ) -> None:
        self.received = 0
        self._sock = sock
        self._recv = receiver(sock)
        self._deadline = Deadline.of(deadline)
        self._ended = False
        self._block = b""
        self._start = 0
        self._partial = bytearray()
        self._sought = b""
        self._searched = 0
        self._lines: list[bytes] = []
        self._cut_from = 0
        self._ahead = 0

    def _receive(self, what: str) -> bool:
        """Receive and keep a piece; return False at the end of the stream."""
        if self._ended:
            return False
        try:
            if self._deadline.seconds is None:
                chunk = self._recv(CHUNK)
            else:
                with waiting(self._sock, self._deadline, f"reading {what}"):
                    chunk = self._recv(CHUNK)
        except DeadlineExceeded:
            raise
        except TimeoutError as error:
            raise TimeoutError(
                f"nothing came for {patience(self._sock)} while reading "
                f"{what}; {self._unread()} bytes of it are here and kept, so "
                "reading can go on"
            ) from error
        if chunk:
            self.received += len(chunk)
            self._keep(chunk)
        self._ended = not chunk
        return not self._ended

    def _keep(self, chunk: bytes) -> None:
        """Add a piece to what is unread.

        A copy of what is there is cheap as long as that is no more than what
        came. One byte at a time, it would be copied again for each of them:
        from then on it grows in place.
        """
        if not self._partial:
            rest = self._block[self._start :]
            self._start = 0
            if len(rest) <= len(chunk):
                self._block = rest + chunk
                return
            self._block = b""
            self._partial += rest
        self._partial += chunk

    def _settle(self) -> None:
        """Have all that is unread in the block, to take messages from."""
        if self._partial:
            self._block = bytes(self._partial)
            self._start = 0
            self._partial.clear()

    def _gather(self, count: int, what: str, *, header: int = 0) -> bool:
        """Gather a header that is here and `count` bytes after it.

        Returns:
            Whether they are in the block now; False if the stream ended before
            the first byte.
        """
        doing = what or f"{count} bytes"
        while (got := self._unread()) < header + count:
            if not self._receive(doing):
                if not got:
                    return False
                raise ConnectionClosed(got - header, count, what=what)
        self._settle()
        return True

    def _find(self, separator: bytes, limit: int, *, cr: bool = False) -> int:
        """Gather until `separator` is there, after `limit` bytes at most.

        With `cr`, a CR before the separator does not count.

        Returns:
            Its place in the block; -1 if the stream ended before the first
            byte.
        """
        while (at := self._search(separator)) < 0:
            data, start = self._where()
            got = len(data) - start
            # The last bytes may be the beginning of what ends the message.
            spare = len(separator) - 1
            if cr and data[start + limit : start + limit + 1] == b"\r":
                spare += 1
            if got > limit + spare:
                raise LimitExceeded(ended_by(separator), limit=limit)
            if not self._receive(ended_by(separator)):
                if not got:
                    return -1
                raise ConnectionClosed(got, what=ended_by(separator))
        self._settle()
        return at

    def _search(self, separator: bytes) -> int:
        """Look for `separator` where it was not looked for before.

        `_searched` counts from the beginning of the stream, and so stays true
        whatever is handed out in between.
        """
        data, start = self._where()
        begin = start
        if separator == self._sought:
            handed_out = self.received - (len(data) - start)
            begin += max(0, self._searched - handed_out)
        at = data.find(separator, begin)
        if at < 0:
            self._sought = separator
            # The last bytes may be the beginning of a separator.
            self._searched = self.received - len(separator) + 1
        return at

    def _where(self) -> tuple[bytes | bytearray, int]:
        """Return what holds the unread bytes, and where in it they begin."""
        if self._partial:
            return self._partial, 0
        return self._block, self._start

    def _cut(self, limit: int) -> bool:
        """Cut the next line from the block, and more of them if it pays.

        Whoever reads one line and then something else would pay for lines
        that go back. So the first time it is one line, then more and more.

        Returns:
            Whether there are lines; False at the end of the stream.
        """
        at = self._find(b"\n", limit, cr=True)
        if at < 0:
            return False
        start = self._start
        end = max(at + 1, start + self._ahead)
        text = self._block[start:end]
        lines = text.split(b"\n")
        rest = lines.pop()
        if b"\r" in text:
            lines = [line.removesuffix(b"\r") for line in lines]
        lines.reverse()
        self._lines = lines
        self._cut_from = start
        self._start = start + len(text) - len(rest)
        self._ahead = min(4 * self._ahead + 1024, 2 * CHUNK)
        return True

    def _uncut(self) -> None:
        """Give lines that were not asked for back to the block."""
        self._start = self._position()
        self._lines.clear()
        self._ahead = 0

    def _position(self) -> int:
        """Return where in the block the unread bytes begin."""
        start = self._start
        for _ in self._lines:
            before = self._block.rfind(b"\n", self._cut_from, start - 1)
            start = max(self._cut_from, before + 1)
        return start

    def _unread(self) -> int:
        """Return how many bytes are unread."""
        return len(self._block) - self._position() + len(self._partial)


def ended_by(separator: bytes) -> str:
    """Name what ends with `separator`, for a message."""
    if separator == b"\n":
        return "a line"
    return f"a message that ends with {separator!r}"
