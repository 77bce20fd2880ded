"""Read a transcript as HTTP/1.1: requests, each with its response."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.http1.messages import Request, Response
from netbasics.http1.reading import parse_request, parse_response
from netbasics.http1.source import Given
from netbasics.wire.previews import start_line
from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Transcript,
)

__all__ = ["Exchange", "exchanges_in"]


@dataclass(frozen=True)
class Exchange:
    """One request and what came back.

    Attributes:
        connection: The connection's number.
        request: The request.
        response: The response; None if none came, or none that is whole.
        began: When the first byte of the request passed, in seconds since the
            connection began.
        asked: When its last byte did.
        answered: When the first byte of the response passed, or None.
        ended: When the last byte did, or None.
        sizes: How many bytes the request and the response took.
        problem: Why there is no response, or nothing.
    """

    connection: int
    request: Request
    response: Response | None
    began: float
    asked: float
    answered: float | None
    ended: float | None
    sizes: tuple[int, int]
    problem: str = ""


class _Stream(Given):
    """One direction of a connection, with the times of its bytes."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__(b"".join(event.data for event in events))
        self._starts = [event.offset for event in events]
        self._times = [event.time for event in events]

    @property
    def at(self) -> int:
        """How many bytes have been read."""
        return self._at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def time(self, offset: int) -> float:
        """Return when the byte at an offset passed."""
        return self._times[max(0, bisect_right(self._starts, offset) - 1)]


def exchanges_in(transcript: Transcript) -> list[Exchange]:
    """Return the HTTP exchanges of all connections in a transcript."""
    found: list[Exchange] = []
    events: dict[tuple[int, Direction], list[Event]] = {}
    ended = set()
    for event in transcript:
        way = event.connection, event.direction
        if event.kind == "chunk":
            events.setdefault(way, []).append(event)
        elif event.kind in ("half-close", "close"):
            ended.add(way)
    for flow in transcript.flows:
        there = events.get((flow.number, TO_SERVER), [])
        back = events.get((flow.number, TO_CLIENT), [])
        if there and start_line(there[0].data[:65536]):
            whole = (flow.number, TO_CLIENT) in ended
            found.extend(_exchanges(flow, there, back, whole))
    return found


def _exchanges(
    flow: Flow, there: list[Event], back: list[Event], whole: bool
) -> list[Exchange]:
    """Pair the requests of one connection with the responses, in order."""
    requests, responses = _Stream(there), _Stream(back)
    found: list[Exchange] = []
    problem = ""
    while not requests.at_end:
        start = requests.at
        try:
            request = parse_request(requests)
        except (ProtocolError, ConnectionClosed, LimitExceeded):
            break  # from here on it is something else, or cut
        if request is None:
            break
        first, response = responses.at, None
        if not problem:
            response, problem = _response(responses, request, whole)
        received = responses.at - first if response else 0
        found.append(
            Exchange(
                flow.number,
                request,
                response,
                requests.time(start),
                requests.time(requests.at - 1),
                responses.time(first) if response else None,
                responses.time(responses.at - 1) if response else None,
                (requests.at - start, received),
                problem,
            )
        )
    return found


def _response(
    stream: _Stream, request: Request, whole: bool
) -> tuple[Response | None, str]:
    """Read the next response, or say why there is none."""
    if stream.at_end:
        return None, "no response came"
    try:
        response = parse_response(stream, method=request.method)
    except ConnectionClosed as error:
        return None, f"the response is cut: {error}"
    except (ProtocolError, LimitExceeded) as error:
        return None, f"the response cannot be read: {error}"
    unbounded = (
        stream.at_end
        and response.body
        and response.get("Content-Length") is None
        and not response.tokens("Transfer-Encoding")
    )
    if unbounded and not whole:
        return None, "the response lasts until the close, which did not come"
    return response, ""
