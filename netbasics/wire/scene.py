"""What a diagram shows. No drawing yet.

The text diagram and the SVG are two drawings of the same scene.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from netbasics.wire.folding import Row, Rows, amount, signature
from netbasics.wire.transcript import Event, Flow, Transcript

__all__ = ["Scene", "Section", "scene_of"]

# What is shown of many connections: this many, the last ones among them.
MOST_SECTIONS, LAST_SECTIONS = 20, 4


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
            if same and _target(same[-1]) != _target(flow):
                _note_same(sections, same)
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


def _note_same(sections: list[Section], same: list[Flow]) -> None:
    """Say which connections went like the one before them."""
    if same:
        first, last = same[0].number, same[-1].number
        which = f"{first}" if first == last else f"{first} to {last}"
        noun = _noun(same[0], len(same)).capitalize()
        heading = f"{noun} {which}{_target(same[0])}: the same again"
        sections.append(Section(heading, []))
        same.clear()


def _noun(flow: Flow, count: int = 1) -> str:
    noun = "client" if flow.protocol == "udp" else "connection"
    return noun if count == 1 else f"{noun}s"


def _heading(flow: Flow) -> str:
    start = f"{_noun(flow).capitalize()} {flow.number}{_target(flow)}"
    # A socket that was never connected may have no port.
    return f"{start}, from {_place(flow.client)}" if flow.client[1] else start


def _target(flow: Flow) -> str:
    """Return where it went, unless that is the same for all: a tap's target."""
    return "" if flow.tapped else f" to {_place(flow.server)}"


def _place(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _shortened(sections: list[Section]) -> list[Section]:
    if len(sections) <= MOST_SECTIONS:
        return sections
    left_out = len(sections) - MOST_SECTIONS
    return [
        *sections[: MOST_SECTIONS - LAST_SECTIONS],
        Section(f"… {left_out} more, not shown …", []),
        *sections[-LAST_SECTIONS:],
    ]


def _summary(transcript: Transcript) -> str:
    flows = transcript.flows
    missed = transcript.missed.connections
    count = len(flows) + missed
    protocols = {flow.protocol for flow in flows}
    noun = "client" if protocols == {"udp"} else "connection"
    if len(protocols) == 2:
        noun = "conversation"
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
        f"Not all of it is here: {amount(transcript.limit)} are kept, and "
        f"it is only counted after that. Not kept: {connections}"
        f"{missed.chunks:,} chunks, {amount(missed.bytes)}."
    )
