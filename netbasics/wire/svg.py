"""Draw what passed as an SVG picture, for a browser, a page or a slide.

The file needs nothing else: no font, no style sheet, no script. It follows the
reader's choice of a light or a dark background, and its text is text: it can be
read aloud, searched and copied.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from netbasics.wire.folding import Row
from netbasics.wire.scene import Scene, Section, scene_of
from netbasics.wire.terminals import columns, cut
from netbasics.wire.transcript import TO_SERVER, Transcript

__all__ = ["draw_svg"]

WIDTH = 920
LEFT, RIGHT = 130, 850  # where the two sides have their lines
SIGN = 7.25  # the width of a letter of the small type
PREVIEW = 84  # signs in a line of a preview
LINE, GAP = 17, 12
MOST_BARS = 20

STYLE = """
svg { color-scheme: light dark; --ground: #ffffff; --ink: #1f2430;
  --faint: #667085; --rule: #c9ced8; --there: #0b6bcb; --back: #187a3d;
  --there-box: #eef6ff; --back-box: #effaf2; --bad: #c4261d; --note: #8a5a00 }
@media (prefers-color-scheme: dark) {
  svg { --ground: #14181f; --ink: #e6e9ef; --faint: #98a2b3; --rule: #3a4250;
    --there: #6cb6ff; --back: #6ad08f; --there-box: #172535;
    --back-box: #16291d; --bad: #ff7b72; --note: #e3b341 } }
text { fill: var(--ink); font: 13px ui-sans-serif, system-ui, sans-serif }
.code { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace;
  white-space: pre }
.title { font-size: 18px; font-weight: 600 }
.heading { font-size: 15px; font-weight: 600 }
.first { font-weight: 700 }
.faint { fill: var(--faint) } .there { fill: var(--there) }
.back { fill: var(--back) } .bad { fill: var(--bad); font-weight: 600 }
.note { fill: var(--note) }
.side, .bar { stroke: var(--rule); stroke-width: 1.5 }
.arrow { stroke-width: 1.8; fill: none }
.arrow.there { stroke: var(--there) } .arrow.back { stroke: var(--back) }
.arrow.bad { stroke: var(--bad); stroke-dasharray: 6 4 }
.arrow.loose { stroke-dasharray: 3 4 }
.box.there { fill: var(--there-box) } .box.back { fill: var(--back-box) }
.ground { fill: var(--ground) } .span { fill: var(--there); opacity: .75 }
"""


def draw_svg(transcript: Transcript, title: str) -> str:
    """Return a sequence diagram as an SVG document.

    Args:
        transcript: What passed.
        title: What was tapped.
    """
    scene = scene_of(transcript, title, PREVIEW)
    return _Page().document(scene)


class _Page:
    """Puts one thing under another."""

    def __init__(self) -> None:
        self._y = 0.0
        self._parts: list[str] = []

    def document(self, scene: Scene) -> str:
        self._y = 40
        self._text(24, scene.title, "title")
        self._y += 24
        self._text(24, scene.summary, "faint")
        self._y += 16
        if scene.spans:
            self._overview(scene)
        for section in scene.sections:
            self._section(section)
        if not scene.sections:
            self._y += 24
            self._text(24, "Nothing has passed yet.", "faint")
        if scene.remark:
            self._y += 32
            self._text(24, scene.remark, "note")
        height = round(self._y + 28)
        return "\n".join(
            [
                '<svg xmlns="http://www.w3.org/2000/svg" '
                f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
                f'height="{height}" role="graphics-document document" '
                'aria-labelledby="title" aria-describedby="desc" lang="en">',
                f'<title id="title">{_safe(scene.title)}</title>',
                f'<desc id="desc">{_safe(_spoken(scene))}</desc>',
                f"<style>{STYLE}</style>",
                '<rect class="ground" width="100%" height="100%"/>',
                *self._parts,
                "</svg>\n",
            ]
        )

    def _text(
        self, x: float, text: str, kind: str = "", anchor: str = ""
    ) -> None:
        where = f' text-anchor="{anchor}"' if anchor else ""
        style = f' class="{kind}"' if kind else ""
        self._parts.append(
            f'<text x="{x:g}" y="{self._y:g}"{style}{where}>'
            f"{_safe(text)}</text>"
        )

    def _overview(self, scene: Scene) -> None:
        """Draw when each connection was open."""
        spans = scene.spans[:MOST_BARS]
        start = min(began for _, began, _ in spans)
        total = max(max(ended for *_, ended in spans) - start, 1e-9)
        room = RIGHT - LEFT
        self._y += 18
        self._text(LEFT - 14, "open", "faint", "end")
        self._text(LEFT, "0", "faint")
        self._text(RIGHT, f"{total * 1000:,.1f} ms", "faint", "end")
        for number, began, ended in spans:
            self._y += 16
            self._text(LEFT - 14, str(number), "faint", "end")
            x = LEFT + (began - start) / total * room
            wide = max(2.0, (ended - began) / total * room)
            self._parts.append(
                f'<rect class="span" x="{x:.1f}" y="{self._y - 9:g}" '
                f'width="{wide:.1f}" height="9" rx="2"/>'
            )
        if len(scene.spans) > MOST_BARS:
            self._y += 16
            more = len(scene.spans) - MOST_BARS
            self._text(LEFT, f"… {more} more", "faint")
        self._y += 6

    def _section(self, section: Section) -> None:
        self._y += 34
        self._text(24, section.heading, "heading")
        if not section.rows:
            return
        self._y += 24
        self._text(LEFT - 40, "ms", "faint", "end")
        self._text(LEFT, "client", "", "middle")
        self._text(RIGHT, "server", "", "middle")
        self._y += 8
        top, place = self._y, len(self._parts)
        for row in section.rows:
            label = quoteattr(_spoken_row(row))
            self._parts.append(f'<g role="group" aria-label={label}>')
            self._row(row)
            self._parts.append("</g>")
        self._y += 12
        # Under the arrows, now that it is known how far down they go.
        self._parts[place:place] = [
            f'<line class="side" x1="{x}" y1="{top:g}" x2="{x}" '
            f'y2="{self._y:g}"/>'
            for x in (LEFT, RIGHT)
        ]

    def _row(self, row: Row) -> None:
        self._y += GAP + LINE
        if row.kind in ("fold", "note"):
            self._text(LEFT - 14, f"{row.ms:,.1f}", "faint", "end")
            lines = row.lines or [f"↻ {row.label}"]
            for place, line in enumerate(lines):
                self._y += LINE if place else 0
                self._text(LEFT + 14, line, "note")
            return
        there = row.direction == TO_SERVER
        kind = "bad" if row.kind == "reset" else "there" if there else "back"
        self._text(LEFT - 14, f"{row.ms:,.1f}", "faint", "end")
        self._text(
            LEFT + 14 if there else RIGHT - 14,
            row.label,
            kind,
            "" if there else "end",
        )
        self._y += 8
        self._arrow(row, kind)
        if row.lines and row.kind == "reset":
            self._y += 6
            for line in row.lines:
                self._y += LINE
                self._text(LEFT + 14, line, "note")
        elif row.lines:
            self._box(row, kind)

    def _arrow(self, row: Row, kind: str) -> None:
        y, there = self._y, row.direction == TO_SERVER
        tip, back = (RIGHT - 2, -9) if there else (LEFT + 2, 9)
        tail = LEFT if there else RIGHT
        loose = " loose" if row.kind == "datagram" else ""
        head = (
            f"M{tip + back * 1.6:g} {y - 5:g}l{-back:g} 10m0 -10l{back:g} 10"
            if row.kind == "reset"
            else f"M{tip + back:g} {y - 5:g}L{tip:g} {y:g}"
            f"L{tip + back:g} {y + 5:g}"
        )
        self._parts.append(
            f'<path class="arrow {kind}{loose}" d="M{tail:g} {y:g}H{tip:g}"/>'
            f'<path class="arrow {kind}" d="{head}" '
            'style="stroke-dasharray:none"/>'
        )

    def _box(self, row: Row, kind: str) -> None:
        """Draw the bytes in a box near the side that they come from."""
        lines = [cut(line, PREVIEW) for line in row.lines]
        wide = max(columns(line) for line in lines) * SIGN + 20
        x = LEFT + 12 if kind == "there" else RIGHT - 12 - wide
        high = len(lines) * LINE + 10
        self._y += 6
        self._parts.append(
            f'<rect class="box {kind}" x="{x:.1f}" y="{self._y:g}" '
            f'width="{wide:.1f}" height="{high}" rx="5"/>'
        )
        self._y += 2
        for place, line in enumerate(lines):
            self._y += LINE
            first = " first" if row.headed and not place else ""
            if line:
                self._text(x + 10, line, f"code{first}")
        self._y += 8


def _safe(text: str) -> str:
    """Return the text with what XML cannot hold replaced."""
    return escape(
        "".join(
            sign
            if sign >= " " and not _forbidden(sign)
            else "\N{REPLACEMENT CHARACTER}"
            for sign in text
        )
    )


def _forbidden(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff"


def _spoken(scene: Scene) -> str:
    """Return the picture in words."""
    return " ".join(_sentences(scene))


def _sentences(scene: Scene) -> Iterator[str]:
    yield f"A sequence diagram. {scene.summary}."
    for section in scene.sections:
        yield f"{section.heading}."
        for row in section.rows:
            yield f"{_spoken_row(row)}."
    yield scene.remark


def _spoken_row(row: Row) -> str:
    """Return one row in words."""
    when = f"At {row.ms:,.1f} ms"
    if row.kind in ("fold", "note"):
        return f"{when}: {row.label or ' '.join(row.lines)}"
    way = "to the server" if row.direction == TO_SERVER else "to the client"
    what = f", {row.lines[0]}" if row.headed else ""
    return f"{when}, {way}: {row.label}{what}"
