"""Timelines: what happened when, on a common axis."""

from collections.abc import Mapping, Sequence

from netbasics.pictures.amounts import amount, scale_for, ticks
from netbasics.pictures.paper import LEFT, RIGHT, Paper, cut_to
from netbasics.pictures.picture import Picture
from netbasics.pictures.texts import axis, named, spread, tidy

__all__ = ["Timeline", "timeline"]

Happening = float | tuple[float, float]
Span = tuple[float, float]

WIDE = RIGHT - LEFT
ROW, THICK = 22, 12  # units of the SVG
MOST_ROWS = 12  # of one track, for what happened at the same time


def timeline(
    tracks: Mapping[str, Sequence[Happening]],
    *,
    unit: str = "s",
    title: str = "",
    width: int = 76,
) -> Picture:
    """Draw what happened when.

    Whether clients wait side by side or one after the other, and whether
    retries come at once or ever later, is seen and need not be worked out.
    Spans of one track that overlap are drawn in rows of their own.

    Args:
        tracks: What each track is called, and what happened in it: moments,
            drawn as marks, and pairs (start, end), drawn as bars. All are
            counted from a common start, 0 or more.
        unit: In what time is counted. Seconds (`"s"`) are shown as
            milliseconds if all are below one second.
        title: A line above.
        width: How many columns the text may have, 40 at least.

    Raises:
        ValueError: A time is negative, infinite or NaN, or a pair ends before
            it starts.
        TypeError: Something is no number and no pair of numbers.

    Example:
        >>> tries = {"tries": [0.0, 0.2, 0.6, 1.4], "server down": [(0, 1.3)]}
        >>> print(timeline(tries, width=60))
              tries ●     ●            ●                        ●
        server down ├────────────────────────────────────────┤
                    ┬───────────────┬──────────────┬───────────────┬
                  s 0.0            0.5            1.0            1.5
    """
    return Timeline(tracks, unit, title, width)


class Timeline(Picture):
    """A timeline, made by `timeline()`."""

    def __init__(
        self,
        tracks: Mapping[str, Sequence[Happening]],
        unit: str,
        title: str,
        width: int,
    ) -> None:
        super().__init__(title, width)
        self._tracks = {
            tidy(name): [_span(one, name) for one in track]
            for name, track in tracks.items()
        }
        times = [t for track in self._tracks.values() for s in track for t in s]
        self._scale = scale_for(times, unit)
        low, self._high = min(times, default=0.0), max(times, default=0.0)
        # A clock that began long ago would leave the left half empty.
        self._low = low if low > self._high / 2 else 0.0

    def _ticks(self, most: int) -> list[tuple[float, str]]:
        return ticks(self._low, self._high, most, self._scale)

    def _lines(self) -> list[str]:
        if not self._tracks:
            return ["(nothing to draw)"]
        from netbasics.wire.terminals import columns

        unit = self._scale.unit
        widest = max(map(columns, [*self._tracks, unit]))
        left = min(widest, self.width // 3)
        room = self.width - left - 1
        shown = self._ticks(max(room // 10, 2))
        start, end = shown[0][0], shown[-1][0]
        place = spread(end - start, room)
        lines = []
        for name, track in self._tracks.items():
            for number, lane in enumerate(_lanes(track)):
                label = named("" if number else name, left)
                cells = _cells(
                    [(place(a - start), place(b - start)) for a, b in lane],
                    room,
                )
                lines.append(f"{label} {cells}")
            if rest := _rest(track):
                lines.append(f"{named('', left)} {rest}")
        marks = [(place(tick - start), label) for tick, label in shown]
        for text, label in zip(axis(marks, room), ("", unit), strict=True):
            lines.append(f"{named(label, left)} {text}")
        return lines

    def _draw(self, paper: Paper) -> None:
        shown = self._ticks(8)
        start, end = shown[0][0], shown[-1][0]

        def x(time: float) -> float:
            return LEFT + (time - start) / (end - start) * WIDE

        top = paper.y
        below = top + ROW * self._height() + 4
        for tick, label in shown:
            paper.rule(x(tick), top - 6, x(tick), below)
            paper.text(x(tick), below + 18, label, "faint", "middle")
        paper.text(LEFT - 30, below + 18, self._scale.unit, "faint", "end")
        for color, (name, track) in enumerate(self._tracks.items()):
            fitting = cut_to(name, LEFT - 24)
            paper.text(LEFT - 10, paper.y + THICK - 2, fitting, anchor="end")
            for lane in _lanes(track) or [[]]:
                for begin, finish in lane:
                    if begin < finish:
                        wide = max(x(finish) - x(begin), 1.0)
                        paper.box(x(begin), paper.y, wide, THICK, color)
                for begin, finish in lane:
                    if begin == finish:
                        paper.mark(x(begin), paper.y, THICK)
                paper.y += ROW
            if rest := _rest(track):
                paper.text(LEFT, paper.y + THICK - 2, rest, "faint")
                paper.y += ROW
        paper.y = below + 24

    def _height(self) -> int:
        """Return how many rows there are in all."""
        return sum(
            max(len(_lanes(track)), 1) + bool(_rest(track))
            for track in self._tracks.values()
        )

    def _words(self) -> str:
        return "; ".join(map(self._spoken, self._tracks)) or "nothing to draw"

    def _spoken(self, name: str) -> str:
        """Return one track in words."""
        times = [
            self._scale.number(begin)
            if begin == end
            else f"{self._scale.number(begin)} to {self._scale.number(end)}"
            for begin, end in self._tracks[name]
        ]
        return f"{name}: {', '.join(times) or 'nothing'} {self._scale.unit}"


def _span(happening: object, name: str) -> Span:
    """Return a moment or a pair as a pair."""
    what = f"a time of {name!r}"
    if not isinstance(happening, tuple | list):
        moment = amount(happening, what)
        return moment, moment
    if len(happening) != 2:
        raise TypeError(
            f"{what} is {happening!r:.60}: give a number, or a pair "
            "(start, end)"
        )
    start, end = (amount(time, what) for time in happening)
    if end < start:
        raise ValueError(
            f"{what} is ({start:g}, {end:g}): a span cannot end before it "
            "starts"
        )
    return start, end


def _packed(track: list[Span]) -> list[list[Span]]:
    """Put spans into as few rows as it takes to let none overlap.

    Moments are marks, and go into the first row.
    """
    rows: list[list[Span]] = [[]] if track else []
    for start, end in sorted(track):
        if start == end:
            rows[0].append((start, end))
            continue
        for row in rows:
            spans = [span for span in row if span[0] < span[1]]
            if not spans or spans[-1][1] <= start:
                row.append((start, end))
                break
        else:
            rows.append([(start, end)])
    return rows


def _lanes(track: list[Span]) -> list[list[Span]]:
    """Return the rows of a track that are drawn."""
    return _packed(track)[:MOST_ROWS]


def _rest(track: list[Span]) -> str:
    """Return how much of a track found no row."""
    more = sum(map(len, _packed(track)[MOST_ROWS:]))
    return f"… {more:,} more at the same time" if more else ""


def _cells(spans: list[tuple[int, int]], room: int) -> str:
    """Return one row: bars, and over them the marks."""
    cells = [" "] * room
    for start, end in spans:
        if start < end:
            cells[start : end + 1] = "├" + "─" * (end - start - 1) + "┤"
    counts: dict[int, int] = {}
    for start, end in spans:
        if start == end:
            counts[start] = counts.get(start, 0) + 1
    for place, count in counts.items():
        # Several in one column: how many.
        cells[place] = "●" if count == 1 else str(count) if count < 10 else "+"
    return "".join(cells)
