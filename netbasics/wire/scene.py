"""What a diagram shows: rows, with what is repeated folded. No drawing yet.

The text diagram and the SVG are two drawings of the same scene.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from netbasics.wire.previews import preview, start_line
from netbasics.wire.tls import Observer, looks_like_tls
from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Kind,
    Transcript,
)

__all__ = ["Row", "Rows", "Scene", "Section", "amount", "scene_of"]

# A repetition is folded if this many rows go away.
WORTH_FOLDING = 3
LONGEST_PATTERN = 6
# What is shown of a connection, and of many connections: the first and the
# last ones.
MOST_ROWS, LAST_ROWS = 60, 12
MOST_SECTIONS, LAST_SECTIONS = 20, 4
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


@dataclass
class Section:
    """One connection, or a remark on several that are not shown."""

    heading: str
    rows: list[Row]
    flow: Flow | None = None


@dataclass
class Scene:
    """A whole diagram.

    Attributes:
        title: What was tapped.
        summary: How much passed, in a line.
        sections: The connections.
        spans: When each connection began and ended, in seconds since the tap's
            start, if there are several.
        remark: What is missing, or nothing.
    """

    title: str
    summary: str
    sections: list[Section]
    spans: list[tuple[int, float, float]]
    remark: str


def scene_of(transcript: Transcript, title: str, width: int = 66) -> Scene:
    """Work out what to show.

    Args:
        transcript: What passed.
        title: What was tapped.
        width: The longest line of a preview, in columns.
    """
    events: dict[int, list[Event]] = {
        flow.number: [] for flow in transcript.flows
    }
    for event in transcript:
        events.setdefault(event.connection, []).append(event)
    sections: list[Section] = []
    same: list[Flow] = []
    last_shape: object = None
    for flow in transcript.flows:
        own = events[flow.number]
        shape = [signature(event) for event in own]
        if shape == last_shape:
            same.append(flow)
            continue
        _note_same(sections, same)
        last_shape = shape
        rows = Rows(width).fold(own)
        sections.append(Section(_heading(flow), rows, flow))
    _note_same(sections, same)
    return Scene(
        title,
        _summary(transcript),
        _shortened(sections),
        _spans(transcript.flows, events),
        _remark(transcript),
    )


def signature(event: Event) -> Hashable:
    """Return what two events that look alike have in common."""
    return event.kind, event.direction, _likeness(event), event.note


def _likeness(event: Event) -> Hashable:
    if event.kind not in ("chunk", "datagram"):
        return None
    return start_line(event.data) or (
        event.data if event.size <= COMPARED else "much"
    )


def _note_same(sections: list[Section], same: list[Flow]) -> None:
    """Say which connections went like the one before them."""
    if same:
        first, last = same[0].number, same[-1].number
        which = f"{first}" if first == last else f"{first} to {last}"
        noun = _noun(same[0], len(same)).capitalize()
        heading = f"{noun} {which}: the same again"
        sections.append(Section(heading, []))
        same.clear()


def _noun(flow: Flow, count: int = 1) -> str:
    noun = "client" if flow.protocol == "udp" else "connection"
    return noun if count == 1 else f"{noun}s"


def _heading(flow: Flow) -> str:
    host, port = flow.client
    host = f"[{host}]" if ":" in host else host
    return f"{_noun(flow).capitalize()} {flow.number}, from {host}:{port}"


def _shortened(sections: list[Section]) -> list[Section]:
    if len(sections) <= MOST_SECTIONS:
        return sections
    left_out = len(sections) - MOST_SECTIONS
    return [
        *sections[: MOST_SECTIONS - LAST_SECTIONS],
        Section(f"… {left_out} more, not shown …", []),
        *sections[-LAST_SECTIONS:],
    ]


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
            self._label(event),
            size=event.size,
        )
        if event.note:
            row.lines = _prose(event.note, self._width)
        secret = self._observe(event)
        if secret is not None:
            row.lines = secret
        elif event.data:
            row.lines = preview(event.data, self._width)
            row.headed = start_line(event.data) is not None
        return row

    def _label(self, event: Event) -> str:
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


def amount(size: int) -> str:
    """Return a number of bytes with its unit.

    Example:
        >>> amount(1), amount(65536)
        ('1 byte', '65,536 bytes')
    """
    return "1 byte" if size == 1 else f"{size:,} bytes"


def _prose(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)


def _summary(transcript: Transcript) -> str:
    flows = transcript.flows
    missed = transcript.missed.connections
    count = len(flows) + missed
    noun = "client" if flows and flows[0].protocol == "udp" else "connection"
    there = sum(flow.to_server for flow in flows)
    back = sum(flow.to_client for flow in flows)
    return (
        f"{count:,} {noun}{'' if count == 1 else 's'} · "
        f"{amount(there)} to the server · {amount(back)} to the client"
    )


def _spans(
    flows: Iterable[Flow], events: dict[int, list[Event]]
) -> list[tuple[int, float, float]]:
    spans = []
    for flow in flows:
        own = events[flow.number]
        last = own[-1].time if own else 0.0
        spans.append((flow.number, flow.began, flow.began + last))
    return spans if len(spans) > 1 else []


def _remark(transcript: Transcript) -> str:
    if transcript.complete:
        return ""
    missed = transcript.missed
    connections = (
        f"{missed.connections:,} connections, " if missed.connections else ""
    )
    return (
        f"Not all of it is here: a tap keeps {amount(transcript.limit)}, and "
        f"only counts after that. Not kept: {connections}"
        f"{missed.chunks:,} chunks, {amount(missed.bytes)}."
    )
