"""Show events as they pass, one after the other, without a flood."""

from collections.abc import Iterator

from netbasics.wire.drawing import Draughtsman
from netbasics.wire.folding import Row, Rows, amount
from netbasics.wire.previews import start_line
from netbasics.wire.transcript import TO_SERVER, Direction, Event

__all__ = ["Live"]

# Of what one side sends without a pause, so many pieces are shown; the rest is
# counted.
SHOWN_IN_A_ROW = 3
# In UDP none ever ends; the oldest ones are forgotten.
MOST_CONNECTIONS = 1000
CONTENT = ("chunk", "datagram")
ENDS = ("close", "reset")


class Live:
    """Turns events, one at a time, into lines of a diagram.

    Args:
        width: How many columns there are.
        color: Whether to use a terminal's colours.

    Example:
        >>> live = Live()
        >>> event = Event(1, "chunk", "to-server", 0.0125, b"hello", 5)
        >>> for line in live.lines(event):
        ...     print(line)
              ms client                                               server
            12.5  ├─ 1: 5 bytes ─...─▶│
                  │ hello                                               ...│
    """

    def __init__(self, *, width: int = 80, color: bool = False) -> None:
        self._pen = Draughtsman(width, color)
        self._rows: dict[int, Rows] = {}
        self._last: tuple[int, Direction] | None = None
        self._in_a_row = 0
        self._held_pieces = self._held_bytes = 0
        self._held_ms = 0.0
        self._begun = False

    def lines(self, event: Event) -> Iterator[str]:
        """Yield the lines for an event, and for what was held back."""
        if not self._begun:
            self._begun = True
            yield self._pen.painted(self._pen.head())
        rows = self._rows.get(event.connection)
        if rows is None:
            if len(self._rows) >= MOST_CONNECTIONS:
                del self._rows[next(iter(self._rows))]
            rows = Rows(self._pen.preview_width)
            self._rows[event.connection] = rows
        row = rows.row(event)
        if self._goes_on(event):
            self._held_pieces += 1
            self._held_bytes += event.size
            self._held_ms = event.ms
            return
        yield from self.pending()
        yield self._pen.event(row, event.connection)
        if event.kind in ENDS:
            self._rows.pop(event.connection, None)

    def _goes_on(self, event: Event) -> bool:
        """Whether this is yet another piece of the same."""
        this = event.connection, event.direction
        same = (
            event.kind in CONTENT
            and this == self._last
            and start_line(event.data) is None
        )
        self._last = this if event.kind in CONTENT else None
        self._in_a_row = self._in_a_row + 1 if same else 1
        return self._in_a_row > SHOWN_IN_A_ROW

    def pending(self) -> Iterator[str]:
        """Yield a line for what was held back, if there is any."""
        if self._held_pieces:
            pieces = "piece" if self._held_pieces == 1 else "pieces"
            size = amount(self._held_bytes)
            label = f"{self._held_pieces:,} more {pieces}, {size}"
            self._held_pieces = self._held_bytes = 0
            yield self._pen.event(Row("fold", TO_SERVER, self._held_ms, label))
