"""Bars: one number for each name."""

from collections.abc import Mapping

from netbasics.pictures.amounts import amount, scale_for
from netbasics.pictures.paper import LEFT, RIGHT, SIGN, Paper, cut_to
from netbasics.pictures.picture import Picture
from netbasics.pictures.texts import bar, named, tidy

__all__ = ["Bars", "bars"]

ROW, THICK = 26, 16  # units of the SVG


def bars(
    values: Mapping[str, float],
    *,
    unit: str = "s",
    title: str = "",
    width: int = 76,
) -> Picture:
    """Draw a bar for each number.

    People compare lengths at a glance, and digits one by one. All bars begin
    at 0, so twice as long is twice as much.

    Args:
        values: What each bar is called, and its number, 0 or more.
        unit: What is counted. Seconds (`"s"`) are shown as milliseconds if all
            are below one second.
        title: A line above.
        width: How many columns the text may have, 40 at least.

    Raises:
        ValueError: A number is negative, infinite or NaN.
        TypeError: Something is no number.

    Example:
        >>> print(bars({"TCP": 0.42, "UDP": 0.105}, width=40))
        TCP │████████████████████████████ 420 ms
        UDP │███████ 105 ms
    """
    return Bars(values, unit, title, width)


class Bars(Picture):
    """Bars, made by `bars()`."""

    def __init__(
        self, values: Mapping[str, float], unit: str, title: str, width: int
    ) -> None:
        super().__init__(title, width)
        self._values = {
            tidy(name): amount(value, f"the value of {name!r}")
            for name, value in values.items()
        }
        self._scale = scale_for(self._values.values(), unit)
        self._largest = max(self._values.values(), default=0.0)

    def _part(self, value: float) -> float:
        return value / self._largest if self._largest else 0.0

    def _lines(self) -> list[str]:
        if not self._values:
            return ["(nothing to draw)"]
        from netbasics.wire.terminals import columns, cut

        labels = [self._scale.label(value) for value in self._values.values()]
        left = min(max(map(columns, self._values)), self.width // 3)
        room = self.width - left - max(map(columns, labels)) - 3
        room = max(room, 1)
        return [
            cut(
                f"{named(name, left)} │{bar(self._part(value), room)} {label}",
                self.width,
            )
            for (name, value), label in zip(
                self._values.items(), labels, strict=True
            )
        ]

    def _draw(self, paper: Paper) -> None:
        top, left = paper.y, self._left()
        labels = [self._scale.label(value) for value in self._values.values()]
        # The longest label stands behind the longest bar.
        room = RIGHT - left - 12 - 8 * max(map(len, labels), default=0)
        room = max(room, 1)
        for (name, value), label in zip(
            self._values.items(), labels, strict=True
        ):
            wide = self._part(value) * room
            if value:
                paper.box(left, paper.y, max(wide, 1.0), THICK, 0)
            middle = paper.y + THICK - 3
            fitting = cut_to(name, left - 24)
            paper.text(left - 10, middle, fitting, anchor="end")
            paper.text(left + wide + 8, middle, label, "faint")
            paper.y += ROW
        if self._values:
            paper.rule(left, top - 6, left, paper.y - 4)
        else:
            paper.text(24, paper.y + 12, "(nothing to draw)", "faint")
            paper.y += ROW

    def _left(self) -> float:
        """Return where the bars begin: behind the names, if these are short."""
        from netbasics.wire.terminals import columns

        longest = max(map(columns, self._values), default=0)
        return min(max(LEFT, 34 + SIGN * longest), 2 * LEFT)

    def _words(self) -> str:
        return (
            "; ".join(
                f"{name}: {self._scale.label(value)}"
                for name, value in self._values.items()
            )
            or "nothing to draw"
        )
