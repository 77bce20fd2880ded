"""How a reader keeps its bytes, so that none is lost, copied or searched twice.

What is unread is the rest of `_block`, from `_start` on, and then `_pieces`.

- The block is what the kernel gave at one time. Most messages lie in it whole:
  found by one search, taken by one slice.
- Pieces are added while a message is longer than the block. They are joined
  once, when the message is complete. Only what is new is searched.
- Lines are cut from the block many at a time, since one `split` costs less
  than a search for each line. Those nobody asks for go back.

Nothing is handed out before a message is complete, so whatever interrupts a
wait loses nothing.
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
        self._pieces: list[bytes] = []
        self._in_pieces = 0
        self._sought = b""
        self._searched = 0
        self._lines: list[bytes] = []
        self._cut_from = 0
        self._cut_bytes = 0  # no line that was cut is longer than all of them
        self._ahead = 0  # how far to cut; 0 unless lines were read last

    # Bytes in

    def _receive(self, what: str) -> bytes:
        """Receive a piece, keep it and return it; `b""` is the end."""
        if self._ended:
            return b""
        try:
            if self._deadline.seconds is None:
                piece = self._recv(CHUNK)
            else:
                with waiting(self._sock, self._deadline, f"reading {what}"):
                    piece = self._recv(CHUNK)
        except DeadlineExceeded:
            raise
        except TimeoutError as error:
            raise TimeoutError(
                f"nothing came for {patience(self._sock)} while reading "
                f"{what}; {self._unread()} bytes of it are here and kept, so "
                "reading can go on"
            ) from error
        if piece:
            self._keep(piece)
        self._ended = not piece
        return piece

    def _keep(self, piece: bytes) -> None:
        """Add what was received to what is unread."""
        self.received += len(piece)
        if not self._unread():
            self._block = piece
            self._start = 0
            return
        self._in_pieces += len(piece)
        pieces = self._pieces
        # An object for each byte would be forty times as large as the bytes.
        # Joined with its equals only, a byte is copied a few times at most.
        while pieces and len(pieces[-1]) <= len(piece) < CHUNK:
            piece = pieces.pop() + piece
        pieces.append(piece)

    def _gather(self, count: int, what: str, *, header: int = 0) -> bool:
        """Receive until a header that is here and `count` more are unread.

        Returns:
            Whether they are; False if the stream ended before the first byte.
        """
        doing = what or f"{count} bytes"
        while (got := self._unread()) < header + count:
            if not self._receive(doing):
                if not got:
                    return False
                raise ConnectionClosed(got - header, count, what=what)
        return True

    def _seek(self, separator: bytes, limit: int, *, cr: bool = False) -> int:
        """Receive until `separator` is unread, after `limit` bytes at most.

        With `cr`, a CR before the separator does not count.

        Returns:
            How many bytes are before it; -1 if the stream ended before the
            first byte.
        """
        if (separator, self.received) != (self._sought, self._searched):
            self._settle()
            at = self._block.find(separator, self._start)
            if at >= 0:
                return at - self._start
        overlap = len(separator) - 1
        while True:
            self._sought, self._searched = separator, self.received
            got = self._unread()
            # The last bytes may be the beginning of what ends the message.
            end = self._last(max(overlap, 1))
            if got > limit + overlap + (cr and end == b"\r"):
                raise LimitExceeded(ended_by(separator), limit=limit)
            piece = self._receive(ended_by(separator))
            if not piece and not got:
                return -1
            if not piece:
                raise ConnectionClosed(got, what=ended_by(separator))
            end = end[-overlap:] if overlap else b""
            at = (end + piece[:overlap]).find(separator)
            if at >= 0:
                return got - len(end) + at
            at = piece.find(separator)
            if at >= 0:
                return got + at

    # Bytes out

    def _take(self, count: int) -> bytes:
        """Hand out `count` bytes, which are unread."""
        end = self._start + count
        if end <= len(self._block):
            data = self._block[self._start : end]
            self._start = end
            return data
        parts = []
        block, left = self._block[self._start :], count
        pieces = iter(self._pieces)
        while len(block) < left:
            parts.append(block)
            left -= len(block)
            block = next(pieces)
        parts.append(block[:left])
        self._block, self._start = block, left
        self._pieces = list(pieces)
        self._in_pieces = sum(map(len, self._pieces))
        return b"".join(parts)

    def _put_back(self, data: bytes) -> None:
        """Take back what was handed out last."""
        self._block = data + self._block[self._start :]
        self._start = 0

    def _settle(self) -> None:
        """Join all that is unread in the block."""
        if self._pieces:
            self._block = self._whole()
            self._start = self._in_pieces = 0
            self._pieces = []

    # A look at what is unread

    def _unread(self) -> int:
        """Return how many bytes are unread."""
        return len(self._block) - self._position() + self._in_pieces

    def _whole(self) -> bytes:
        """Return all that is unread."""
        return b"".join((self._block[self._position() :], *self._pieces))

    def _first(self, count: int) -> bytes:
        """Return the first unread bytes, `count` or fewer."""
        data = self._block[self._start : self._start + count]
        for piece in self._pieces:
            if len(data) == count:
                break
            data += piece[: count - len(data)]
        return data

    def _last(self, count: int) -> bytes:
        """Return the last unread bytes, `count` (1 or more) or fewer."""
        data = b""
        for piece in reversed(self._pieces):
            data = piece[len(data) - count :] + data
            if len(data) == count:
                return data
        begin = max(self._start, len(self._block) + len(data) - count)
        return self._block[begin:] + data

    # Lines

    def _cut(self) -> bool:
        """Cut the next line from the block, and more of them if it pays.

        Whoever reads one line and then something else would pay for lines
        that go back. So the first time it is one line, then more and more.

        Returns:
            Whether there are lines; False if the next one has no end in the
            block.
        """
        start = self._start
        at = self._block.find(b"\n", start)
        if at < 0:
            return False
        text = self._block[start : max(at + 1, start + self._ahead)]
        lines = text.split(b"\n")
        rest = lines.pop()
        if b"\r" in text:
            lines = [line.removesuffix(b"\r") for line in lines]
        lines.reverse()
        self._lines = lines
        self._cut_from = start
        self._cut_bytes = len(text)
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


def ended_by(separator: bytes) -> str:
    """Name what ends with `separator`, for a message."""
    if separator == b"\n":
        return "a line"
    return f"a message that ends with {separator!r}"
