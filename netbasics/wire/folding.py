"""Turn events into the rows of a diagram, what is repeated folded."""

import textwrap
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from netbasics.wire.previews import preview, start_line
from netbasics.wire.tls import Observer, looks_like_tls
from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Direction,
    Event,
    Kind,
)

__all__ = ["Row", "Rows", "amount", "signature"]

# A repetition is folded if this many rows go away.
WORTH_FOLDING = 3
LONGEST_PATTERN = 6
# What is shown of a connection: this many rows, the last ones among them.
MOST_ROWS, LAST_ROWS = 60, 12
# Content that is as short as this is compared; of more, only that it is some.
COMPARED = 64


@dataclass
class Row:
    """One row of a diagram.

    Attributes:
        kind: The event's kind, or `"fold"` for what is not shown.
        direction: Which way it went.
        ms: Milliseconds since the connect.
        label: What is written on the arrow.
        lines: The preview below it.
        headed: Whether the first of these lines is an HTTP start line.
        count: How many events it stands for.
        size: How many bytes.
    """

    kind: Kind | str
    direction: Direction
    ms: float
    label: str
    lines: list[str] = field(default_factory=list)
    headed: bool = False
    count: int = 1
    size: int = 0


def signature(event: Event) -> Hashable:
    """Return what two events that look alike have in common."""
    return event.kind, event.direction, _likeness(event), event.note


def _likeness(event: Event) -> Hashable:
    if event.kind not in ("chunk", "datagram"):
        return None
    return start_line(event.data) or (
        event.data if event.size <= COMPARED else "much"
    )


class Rows:
    """Turns the events of one connection into rows.

    Args:
        width: The longest line of a preview.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._observers: dict[Direction, Observer] | None = None

    def fold(self, events: Sequence[Event]) -> list[Row]:
        """Return rows for all events, what is repeated folded."""
        rows: list[Row] = []
        shapes = [signature(event) for event in events]
        at = 0
        while at < len(events):
            period, times = _repetition(shapes, at)
            if not period:
                rows.append(self.row(events[at]))
                at += 1
                continue
            rows.extend(self.row(e) for e in events[at : at + period])
            rest = events[at + period : at + period * times]
            for event in rest:
                self._observe(event)
            what = "the same" if period == 1 else f"these {period}"
            often = "once" if times == 2 else f"{times - 1:,} times"
            rows.append(_fold_row(rest, f"{what} again, {often}"))
            at += period * times
        if len(rows) <= MOST_ROWS:
            return rows
        hidden = rows[MOST_ROWS - LAST_ROWS : -LAST_ROWS]
        fold = Row(
            "fold",
            TO_SERVER,
            hidden[0].ms,
            f"{sum(row.count for row in hidden):,} more, "
            f"{amount(sum(row.size for row in hidden))}",
        )
        return [*rows[: MOST_ROWS - LAST_ROWS], fold, *rows[-LAST_ROWS:]]

    def row(self, event: Event) -> Row:
        """Return the row for one event."""
        row = Row(
            event.kind,
            event.direction,
            event.ms,
            _label(event),
            size=event.size,
        )
        if event.note:
            row.lines = textwrap.wrap(event.note, self._width)
        secret = self._observe(event)
        if secret is not None:
            row.lines = secret
        elif event.data:
            row.lines = preview(event.data, self._width)
            row.headed = start_line(event.data) is not None
        return row

    def _observe(self, event: Event) -> list[str] | None:
        """Return what is to be said of a chunk of TLS; None of any other."""
        if event.kind != "chunk":
            return None
        if self._observers is None:
            self._observers = {}
            if looks_like_tls(event.data):
                self._observers = {
                    TO_SERVER: Observer(),
                    TO_CLIENT: Observer(),
                }
        if not self._observers:
            return None
        return self._observers[event.direction].lines(event.data, event.size)


def _repetition(shapes: Sequence[Hashable], at: int) -> tuple[int, int]:
    """Return the length of a pattern that is repeated here, and how often.

    (0, 1) if there is none that is worth folding.
    """
    for period in range(1, LONGEST_PATTERN + 1):
        end = at + period
        # Like what stands one pattern before it: so goes a repetition on.
        while end < len(shapes) and shapes[end] == shapes[end - period]:
            end += 1
        times = (end - at) // period
        if times > 1 and (times - 1) * period >= WORTH_FOLDING:
            return period, times
    return 0, 1


def _fold_row(events: Sequence[Event], label: str) -> Row:
    """Return the row that stands for all these events."""
    parts = [label]
    for direction, sign in ((TO_SERVER, "→"), (TO_CLIENT, "←")):
        size = sum(e.size for e in events if e.direction == direction)
        if size:
            parts.append(f"{sign} {amount(size)}")
    return Row(
        "fold",
        TO_SERVER,
        events[-1].ms,
        " · ".join(parts),
        count=len(events),
        size=sum(event.size for event in events),
    )


def _label(event: Event) -> str:
    sender = "client" if event.direction == TO_SERVER else "server"
    match event.kind:
        case "connect":
            return "connect"
        case "chunk":
            return amount(event.size)
        case "datagram":
            return f"datagram, {amount(event.size)}"
        case "half-close":
            return f"half-close (FIN): the {sender} sends no more"
        case "close":
            return f"close (FIN): the {sender} sends no more either"
        case "reset":
            # What has to be explained, neither of the two has done.
            sender = "tap" if event.note else sender
            return f"reset (RST) from the {sender}"
    return ""


def amount(size: int) -> str:
    """Return a number of bytes with its unit.

    Example:
        >>> amount(1), amount(65536)
        ('1 byte', '65,536 bytes')
    """
    return "1 byte" if size == 1 else f"{size:,} bytes"
