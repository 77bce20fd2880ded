"""Lines: numbers in their order, and the gaps between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, pairwise

from netbasics.pictures.amounts import amount, scale_for, ticks
from netbasics.pictures.paper import LEFT, RIGHT, Paper, cut_to
from netbasics.pictures.picture import Picture
from netbasics.pictures.texts import Grid, axis, folded, named, spread, tidy

__all__ = ["Line", "line"]

Values = Sequence[float | None]

SIGNS = "●▲■◆○△"
LOWEST = 4  # rows
WIDE, DEPTH = RIGHT - LEFT, 200  # units of the SVG
GAP = "no value"


def line(
    values: Values | Mapping[str, Values],
    *,
    unit: str = "ms",
    title: str = "",
    width: int = 76,
    height: int = 8,
) -> Picture:
    """Draw numbers in their order, joined by a line.

    A mean hides the one answer that took a second; a line shows it. The axis
    begins at 0, so a small wobble looks small.

    Args:
        values: The numbers, 0 or more; or a mapping from names to such, drawn
            together. None is a gap, as for an answer that did not come.
        unit: What is counted. Seconds (`"s"`) are shown as milliseconds if all
            are below one second.
        title: A line above.
        width: How many columns the text may have, 40 at least.
        height: How many rows the drawing has, 4 at least.

    Raises:
        ValueError: A number is negative, infinite or NaN, or there are fewer
            than 4 rows.
        TypeError: Something is no number.

    Example:
        >>> print(line([12, 14, None, 31, 13], height=5, width=50))
              ms
              50 ┤
                 │
                 │                             ●∙∙∙∙∙
                 │●∙∙∙∙∙∙∙∙∙●                        ∙∙∙∙●
               0 ┤
                 └┬─────────┬─────────┬────────┬─────────┬
                  1         2         3        4         5
        no value                      ✕
    """
    return Line(values, unit, title, width, height)


class Line(Picture):
    """Lines, made by `line()`."""

    def __init__(
        self,
        values: Values | Mapping[str, Values],
        unit: str,
        title: str,
        width: int,
        height: int,
    ) -> None:
        super().__init__(title, width)
        if height < LOWEST:
            raise ValueError(
                f"height={height} rows is too low for a line: give {LOWEST} or "
                "more"
            )
        self._height = height
        tracks = values if isinstance(values, Mapping) else {"": values}
        self._tracks = {
            tidy(name): _checked(name, track) for name, track in tracks.items()
        }
        known = [
            value
            for track in self._tracks.values()
            for value in track
            if value is not None
        ]
        self._scale = scale_for(known, unit)
        self._largest = max(known, default=0.0)
        # How many steps from the first to the last value.
        self._steps = max(map(len, self._tracks.values()), default=0) - 1

    def _numbers(self, most: int) -> list[tuple[int, str]]:
        """Return which values get their number below the axis."""
        last = self._steps + 1
        found = {1} | {round(tick) for tick, _ in ticks(1, last, most)}
        return [(n - 1, f"{n:,}") for n in sorted(found) if 1 <= n <= last]

    def _gaps(self) -> dict[str, list[int]]:
        """Return for each track that has gaps where they are."""
        found = {
            name: [place for place, value in enumerate(track) if value is None]
            for name, track in self._tracks.items()
        }
        return {name: places for name, places in found.items() if places}

    def _lines(self) -> list[str]:
        if self._steps < 0:
            return ["(nothing to draw)"]
        shown = ticks(0, self._largest, self._height // 2, self._scale)
        left = self._margin([label for _, label in shown])
        room = self.width - left - 2
        column = spread(self._steps, room)
        row = spread(shown[-1][0], self._height)
        labels = {row(tick): label for tick, label in shown}
        lines = [named(self._scale.unit, left)] if self._scale.unit else []
        plot = self._plot(column, row, room)
        cells = plot.rows()
        for at in reversed(range(self._height)):
            sign = "┤" if at in labels else "│"
            lines.append(
                f"{named(labels.get(at, ''), left)} {sign}{next(cells)}"
            )
        numbers = self._numbers(room // 8)
        below = axis([(column(place), text) for place, text in numbers], room)
        lines.append(f"{' ' * left} └{below[0]}")
        lines.append(f"{' ' * left}  {below[1]}")
        for name, places in self._gaps().items():
            gaps = [" "] * room
            for place in places:
                gaps[column(place)] = "✕"
            lines.append(f"{named(name or GAP, left)}  {''.join(gaps)}")
        return [*lines, *self._legend(plot)]

    def _margin(self, labels: list[str]) -> int:
        """Return how many columns stand before the axis."""
        from netbasics.wire.terminals import columns

        names = [name or GAP for name in self._gaps()]
        widest = max(map(columns, [*labels, *names, self._scale.unit]))
        return min(widest, self.width // 3)

    def _plot(
        self,
        column: Callable[[float], int],
        row: Callable[[float], int],
        room: int,
    ) -> Grid:
        """Return the cells between the axes."""
        grid = Grid(room, self._height)
        taken: dict[tuple[int, int], str] = {}
        paths = []
        for track, sign in zip(self._tracks.values(), cycle(SIGNS)):
            for run in _runs(track):
                path = [(column(place), row(value)) for place, value in run]
                paths.append(path)
                for cell in path:
                    # Where two tracks meet, neither may hide the other.
                    grid[cell] = sign if taken.get(cell, sign) == sign else "*"
                    taken[cell] = sign
        for path in paths:
            for start, end in pairwise(path):
                grid.join(start, end)
        return grid

    def _legend(self, plot: Grid) -> list[str]:
        """Return which sign stands for what, in lines that fit."""
        signs = [
            f"{sign} {cut_to(name, 24, 1)}"
            for name, sign in zip(self._tracks, cycle(SIGNS))
            if name
        ]
        if any("*" in row for row in plot.rows()):
            signs.append("* several at one place")
        if signs and self._gaps():
            signs.append(f"✕ {GAP}")
        return folded(signs, self.width)

    def _draw(self, paper: Paper) -> None:
        if self._steps < 0:
            paper.text(24, paper.y + 12, "(nothing to draw)", "faint")
            return
        paper.y += 20
        top, bottom = paper.y, paper.y + DEPTH
        shown = ticks(0, self._largest, 6, self._scale)

        def y(value: float) -> float:
            return bottom - value / shown[-1][0] * DEPTH

        def x(place: int) -> float:
            return LEFT + (place / self._steps * WIDE if self._steps else 0)

        for tick, label in shown:
            paper.rule(LEFT, y(tick), RIGHT, y(tick))
            paper.text(LEFT - 10, y(tick) + 4, label, "faint", "end")
        paper.text(LEFT - 10, top - 16, self._scale.unit, "faint", "end")
        for place, text in self._numbers(9):
            paper.rule(x(place), bottom, x(place), bottom + 5)
            paper.text(x(place), bottom + 20, text, "faint", "middle")
        for color, track in enumerate(self._tracks.values()):
            for run in _runs(track):
                paper.path(
                    [(x(place), y(value)) for place, value in run], color
                )
        paper.y = bottom + 30
        self._explain(paper, x)

    def _explain(self, paper: Paper, x: Callable[[int], float]) -> None:
        """Draw what stands below: the gaps, and which colour is what."""
        gaps = self._gaps()
        for color, name in enumerate(self._tracks):
            if not name and not gaps:
                continue
            paper.y += 20
            if name:
                paper.box(24, paper.y - 9, 10, 10, color)
            label = cut_to(name or GAP, LEFT - 50)
            paper.text(40, paper.y, label)
            for place in gaps.get(name, []):
                paper.cross(x(place), paper.y - 4)
        if gaps and "" not in gaps:
            paper.y += 20
            paper.cross(29, paper.y - 4)
            paper.text(40, paper.y, GAP, "faint")

    def _words(self) -> str:
        return "; ".join(map(self._spoken, self._tracks)) or "nothing to draw"

    def _spoken(self, name: str) -> str:
        """Return one track in words."""
        track = self._tracks[name]
        known = [value for value in track if value is not None]
        words = f"{name}: " if name else ""
        words += f"{len(track)} value{'' if len(track) == 1 else 's'}"
        if known:
            low, high = map(self._scale.label, (min(known), max(known)))
            words += f", from {low} to {high}"
        if missing := len(track) - len(known):
            words += f", {missing} missing"
        return words


def _checked(name: object, track: Values) -> list[float | None]:
    of = f" of {name!r}" if name else ""
    return [
        None if value is None else amount(value, f"value {number}{of}")
        for number, value in enumerate(track, 1)
    ]


def _runs(track: list[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the pieces between the gaps: (place, value) of each point."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(track):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
