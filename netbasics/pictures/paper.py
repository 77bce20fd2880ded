"""A sheet of SVG to draw on.

The file needs nothing else: no font, no style sheet, no script. It follows the
reader's choice of a light or a dark background, and its text is text: it can be
read aloud, searched and copied. `netbasics.wire.svg` keeps the same habits.
"""

from netbasics.pictures.texts import tidy

__all__ = ["COLORS", "LEFT", "RIGHT", "SIGN", "WIDTH", "Paper"]

WIDTH = 760
LEFT, RIGHT = 150, 730  # where the drawing begins and ends
COLORS = 6
MOST_POINTS = 80  # above, the line alone is easier to read
SIGN = 7.2  # about the width of a letter

STYLE = """
.picture { color-scheme: light dark; --ground: #ffffff; --ink: #1f2430;
  --faint: #667085; --rule: #c9ced8; --bad: #c4261d; --c0: #0b6bcb;
  --c1: #b54708; --c2: #187a3d; --c3: #8e3bb0; --c4: #8a5a00; --c5: #0e7490 }
@media (prefers-color-scheme: dark) {
  .picture { --ground: #14181f; --ink: #e6e9ef; --faint: #98a2b3;
    --rule: #3a4250; --bad: #ff7b72; --c0: #6cb6ff; --c1: #f0883e;
    --c2: #6ad08f; --c3: #d2a8ff; --c4: #e3b341; --c5: #56d4dd } }
.picture text { fill: var(--ink);
  font: 13px ui-sans-serif, system-ui, sans-serif }
.picture .title { font-size: 17px; font-weight: 600 }
.picture .faint { fill: var(--faint) }
.picture .ground { fill: var(--ground) }
.picture .mark { fill: var(--ink) }
.picture .rule { stroke: var(--rule); fill: none }
.picture .bad { stroke: var(--bad); stroke-width: 2; fill: none }
.picture .line { stroke-width: 2; fill: none; stroke-linejoin: round }
"""
STYLE += "".join(
    f".picture .f{n} {{ fill: var(--c{n}) }} "
    f".picture .s{n} {{ stroke: var(--c{n}) }}\n"
    for n in range(COLORS)
)


class Paper:
    """Takes shapes and texts, and makes a document of them.

    Attributes:
        y: How far down the next thing is drawn.

    Args:
        title: The heading; may be empty.
    """

    def __init__(self, title: str) -> None:
        self.y = 24.0
        self._title = title
        self._parts: list[str] = []
        if title:
            self.text(24, 32, cut_to(title, WIDTH - 48, 9.5), "title")
            self.y = 52.0

    def add(self, part: str) -> None:
        """Add a piece of SVG."""
        self._parts.append(part)

    def text(
        self, x: float, y: float, text: str, kind: str = "", anchor: str = ""
    ) -> None:
        """Write text; x is its start, or its `middle` or `end` as `anchor`."""
        where = f' text-anchor="{anchor}"' if anchor else ""
        style = f' class="{kind}"' if kind else ""
        self.add(f'<text x="{x:g}" y="{y:g}"{style}{where}>{safe(text)}</text>')

    def box(
        self, x: float, y: float, wide: float, high: float, color: int
    ) -> None:
        """Draw a filled rectangle in a colour, 0 to 5."""
        self.add(
            f'<rect class="f{color % COLORS}" x="{x:.1f}" y="{y:g}" '
            f'width="{wide:.1f}" height="{high:g}" rx="2"/>'
        )

    def mark(self, x: float, y: float, high: float) -> None:
        """Draw a mark that is seen on any colour, with its middle at x."""
        self.add(
            f'<rect class="mark" x="{x - 1.5:.1f}" y="{y - 2:g}" width="3" '
            f'height="{high + 4:g}" rx="1.5"/>'
        )

    def path(self, points: list[tuple[float, float]], color: int) -> None:
        """Draw a line through points, and the points if there are few."""
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add(
            f'<polyline class="line s{color % COLORS}" points="{joined}"/>'
        )
        if len(points) <= MOST_POINTS:
            self._parts += [
                f'<circle class="f{color % COLORS}" cx="{x:.1f}" cy="{y:.1f}" '
                'r="3"/>'
                for x, y in points
            ]

    def rule(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw a faint line."""
        self.add(f'<path class="rule" d="M{x:.1f} {y:g}L{to_x:.1f} {to_y:g}"/>')

    def cross(self, x: float, y: float) -> None:
        """Draw the sign for what is not there."""
        self.add(
            f'<path class="bad" d="M{x - 4:.1f} {y - 4:g}l8 8m0 -8l-8 8"/>'
        )

    def document(self, words: str) -> str:
        """Return the document; `words` say what is seen."""
        height = round(self.y + 20)
        title = safe(self._title or "Picture")
        return "\n".join(
            [
                '<svg xmlns="http://www.w3.org/2000/svg" class="picture" '
                f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
                f'height="{height}" role="img" lang="en">',
                f"<title>{title}</title>",
                f"<desc>{safe(words)}</desc>",
                f"<style>{STYLE}</style>",
                '<rect class="ground" width="100%" height="100%"/>',
                *self._parts,
                "</svg>\n",
            ]
        )


def cut_to(text: object, wide: float, sign: float = SIGN) -> str:
    """Return text of one line that fits about so many units."""
    from netbasics.wire.terminals import cut

    return cut(tidy(text), int(wide / sign))


def safe(text: str) -> str:
    """Return printable text as XML.

    `html.escape` would do it, and import `re` for its other half.
    """
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return text
