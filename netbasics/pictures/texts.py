"""Draw with signs: a grid of cells, bars of eighths, an axis with labels."""

from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "Grid",
    "axis",
    "bar",
    "folded",
    "named",
    "readable",
    "spread",
    "tidy",
]

EIGHTHS = " ▏▎▍▌▋▊▉█"
# What a place without these signs gets instead; `course.plain` has them too.
ASCII = str.maketrans(
    {
        "█": "#",
        "▉": "#",
        "▊": "#",
        "▋": "#",
        "▌": "#",
        "▍": "|",
        "▎": "|",
        "▏": "|",
        "│": "|",
        "├": "|",
        "┤": "|",
        "└": "+",
        "┬": "+",
        "─": "-",
        "∙": ".",
        "●": "o",
        "▲": "^",
        "■": "#",
        "◆": "%",
        "○": "0",
        "△": "A",
        "✕": "x",
        "…": "~",
    }
)


def readable(text: str, encoding: str | None) -> str:
    """Return `text` with signs that `encoding` has.

    Example:
        >>> readable("mail │███▌ 3 s", "ascii")
        'mail |#### 3 s'
    """
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        plain = text.translate(ASCII)
        return plain.encode("ascii", "replace").decode("ascii")
    return text


def bar(part: float, room: int) -> str:
    """Return a bar that fills a part of the room; little is still a line.

    Args:
        part: From 0 to 1.
        room: How many columns 1 has.

    Example:
        >>> bar(0.53, 5), bar(1e-9, 5), bar(0, 5)
        ('██▋', '▏', '')
    """
    eighths = round(part * room * 8)
    if part > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def tidy(text: object) -> str:
    """Return text in one line that no terminal takes for a command."""
    line = " ".join(str(text).split())
    return "".join(sign if sign.isprintable() else "?" for sign in line)


def named(name: object, width: int) -> str:
    """Return a name in one line of exactly `width` columns, at its right."""
    from netbasics.wire.terminals import columns, cut

    text = cut(tidy(name), width)
    return " " * (width - columns(text)) + text


def folded(texts: Sequence[str], width: int) -> list[str]:
    """Return texts side by side, in as many lines as they take.

    Example:
        >>> folded(["● shop", "▲ mail", "■ login"], 18)
        ['● shop   ▲ mail', '■ login']
    """
    from netbasics.wire.terminals import columns

    lines: list[str] = []
    for text in texts:
        if lines and columns(lines[-1]) + 3 + columns(text) <= width:
            lines[-1] += f"   {text}"
        else:
            lines.append(text)
    return lines


def spread(places: float, width: int) -> Callable[[float], int]:
    """Return what leads from 0 … `places` to the columns 0 … `width` - 1."""

    def column(place: float) -> int:
        return round(place / places * (width - 1)) if places else 0

    return column


class Grid:
    """Cells to put signs into; the row 0 is the lowest.

    Args:
        width: Columns.
        height: Rows.
    """

    def __init__(self, width: int, height: int) -> None:
        self._rows = [[" "] * width for _ in range(height)]

    def __getitem__(self, place: tuple[int, int]) -> str:
        column, row = place
        return self._rows[row][column]

    def __setitem__(self, place: tuple[int, int], sign: str) -> None:
        column, row = place
        self._rows[row][column] = sign

    def join(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Draw a dotted line between two cells, over nothing that is there."""
        across, up = end[0] - start[0], end[1] - start[1]
        steps = max(abs(across), abs(up))
        for step in range(1, steps):
            place = (
                start[0] + round(across * step / steps),
                start[1] + round(up * step / steps),
            )
            if self[place] == " ":
                self[place] = "∙"

    def rows(self) -> Iterator[str]:
        """Yield the rows from the highest down."""
        for row in reversed(self._rows):
            yield "".join(row)


def axis(marks: Sequence[tuple[int, str]], width: int) -> tuple[str, str]:
    r"""Return an axis with a mark at each column, and the labels below it.

    A label that would touch the one before it is left out.

    Example:
        >>> print("\n".join(axis([(0, "0"), (8, "20"), (9, "25")], 10)))
        ┬───────┬┬
        0      20
    """
    line, labels = ["─"] * width, ""
    for column, label in marks:
        if not 0 <= column < width:
            continue
        line[column] = "┬"
        # In the middle under its mark, as far as the width lets it.
        start = min(column - (len(label) - 1) // 2, width - len(label))
        start = max(start, 0)
        if not labels or start > len(labels):
            labels = labels.ljust(start) + label
    return "".join(line), labels
