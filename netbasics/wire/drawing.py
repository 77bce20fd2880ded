"""Draw what passed as text: a sequence diagram that fits 80 columns."""

from collections.abc import Iterator

from netbasics.wire.folding import Row
from netbasics.wire.scene import Scene, scene_of
from netbasics.wire.terminals import columns, cut, painted
from netbasics.wire.transcript import TO_SERVER, Transcript

__all__ = ["Draughtsman", "draw"]

NARROWEST = 60
TIMES = 8  # columns for the milliseconds
# How far the preview of one side stays away from the other side's line.
MARGIN = 6
MOST_BARS = 20

# A line: pieces of text, each with the name of its style.
Line = list[tuple[str, str]]


def draw(
    transcript: Transcript, title: str, *, width: int = 80, color: bool = False
) -> str:
    """Return a sequence diagram.

    Args:
        transcript: What passed.
        title: What was tapped.
        width: How many columns it may have.
        color: Whether to use a terminal's colours.

    Raises:
        ValueError: `width` is less than 60.
    """
    return Draughtsman(width, color).diagram(transcript, title)


class Draughtsman:
    """Draws a scene, or one event at a time.

    Args:
        width: How many columns there are.
        color: Whether to use a terminal's colours.
    """

    def __init__(self, width: int = 80, color: bool = False) -> None:
        if width < NARROWEST:
            raise ValueError(
                f"width={width} columns is too narrow for two sides and what "
                f"passes between them: give {NARROWEST} or more"
            )
        self._width = width
        self._color = color
        # Between the two lines.
        self._inner = width - TIMES - 2 - 3

    @property
    def preview_width(self) -> int:
        """How many columns there are for a line of a preview."""
        return self._inner - MARGIN - 1

    def diagram(self, transcript: Transcript, title: str) -> str:
        """Return the diagram of a transcript."""
        scene = scene_of(transcript, title, self.preview_width)
        return "\n".join(self.painted(line) for line in self._lines(scene))

    def event(self, row: Row, number: int | None = None) -> str:
        """Return the lines for one event, as it passes."""
        return "\n".join(self.painted(line) for line in self._row(row, number))

    def painted(self, line: Line) -> str:
        """Return a line as text, in colour if that is wanted."""
        if self._color:
            return "".join(painted(text, style) for text, style in line)
        return "".join(text for text, _ in line).rstrip()

    def _lines(self, scene: Scene) -> Iterator[Line]:
        yield [(cut(scene.title, self._width), "title")]
        yield [(cut(scene.summary, self._width), "dim")]
        if scene.spans:
            yield []
            yield from self._overview(scene)
        for section in scene.sections:
            yield []
            yield [(cut(section.heading, self._width), "title")]
            if section.rows:
                yield self.head()
                for row in section.rows:
                    yield from self._row(row)
        if not scene.sections:
            yield []
            yield [("Nothing has passed yet.", "dim")]
        if scene.remark:
            yield []
            yield from self._wrapped(scene.remark)

    def head(self) -> Line:
        """Return the line with the names of the two sides."""
        gap = self._inner + 2 - len("client") - len("server") + 2
        return [
            (f"{'ms':>{TIMES}} ", "dim"),
            (f"client{' ' * gap}server", ""),
        ]

    def _wrapped(self, text: str) -> Iterator[Line]:
        import textwrap

        for line in textwrap.wrap(text, self._width):
            yield [(line, "note")]

    def _overview(self, scene: Scene) -> Iterator[Line]:
        """Draw when each connection was open."""
        spans = scene.spans[:MOST_BARS]
        start = min(began for _, began, _ in spans)
        total = max(max(ended for *_, ended in spans) - start, 1e-9)
        room = self._inner + 2
        scale = f"{total * 1000:,.1f} ms"
        yield [
            (f"{'open':>{TIMES}}  ", "dim"),
            (f"0{scale:>{room - 1}}", "dim"),
        ]
        for number, began, ended in spans:
            first = min(int((began - start) / total * room), room - 1)
            last = max(first + 1, round((ended - start) / total * room))
            yield [
                (f"{number:>{TIMES}}  ", "title"),
                (" " * first, ""),
                ("█" * (last - first), "to-server"),
            ]
        if len(scene.spans) > MOST_BARS:
            more = len(scene.spans) - MOST_BARS
            yield [(f"{'':{TIMES}}  … {more} more", "dim")]

    def _row(self, row: Row, number: int | None = None) -> Iterator[Line]:
        if row.kind == "fold":
            yield self._between(f"↻ {row.label}", "note", f"{row.ms:,.1f}")
            return
        if row.kind == "note":
            yield from self._notes(row, f"{row.ms:,.1f}")
            return
        yield self._arrow(row, number)
        if row.kind == "reset":
            yield from self._notes(row, "")
            return
        yield from self._preview(row)

    def _arrow(self, row: Row, number: int | None) -> Line:
        style = "reset" if row.kind == "reset" else row.direction
        stroke = "┄" if row.kind in ("reset", "datagram") else "─"
        tip = "✕" if row.kind == "reset" else None
        which = "" if number is None else f"{number}: "
        label = cut(f" {which}{row.label} ", self._inner - 4)
        shaft = stroke * (self._inner - 2 - columns(label))
        time = (f"{row.ms:>{TIMES},.1f}  ", "dim")
        if row.direction == TO_SERVER:
            return [
                time,
                ("├", ""),
                (f"{stroke}{label}{shaft}{tip or '▶'}", style),
                ("│", ""),
            ]
        return [
            time,
            ("│", ""),
            (f"{tip or '◀'}{shaft}{label}{stroke}", style),
            ("┤", ""),
        ]

    def _preview(self, row: Row) -> Iterator[Line]:
        """Draw the bytes near the side that they come from."""
        indent = 1
        if row.direction != TO_SERVER and row.lines:
            longest = max(columns(line) for line in row.lines)
            indent = self._inner - 1 - longest
        for place, line in enumerate(row.lines):
            style = "start-line" if row.headed and not place else ""
            yield self._between(line, style, indent=indent)

    def _notes(self, row: Row, time: str) -> Iterator[Line]:
        for line in row.lines:
            yield self._between(line, "note", time)
            time = ""

    def _between(
        self, text: str, style: str, time: str = "", *, indent: int = 1
    ) -> Line:
        """Return a line with a text between the two sides."""
        text = cut(text, self._inner - indent)
        rest = self._inner - indent - columns(text)
        return [
            (f"{time:>{TIMES}}  ", "dim"),
            ("│", ""),
            (" " * indent, ""),
            (text, style),
            (" " * rest, ""),
            ("│", ""),
        ]
