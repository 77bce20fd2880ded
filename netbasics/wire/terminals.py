"""What the place that is printed to can show: colours, signs, columns."""

import os
import unicodedata
from typing import Any

__all__ = ["STYLES", "columns", "cut", "painted", "readable", "wants_color"]

# Names of styles, and the terminal's own palette for them: it fits whatever
# background the terminal has.
STYLES = {
    "": "",
    "title": "1",
    "dim": "2",
    "to-server": "36",
    "to-client": "32",
    "start-line": "1",
    "reset": "1;31",
    "note": "33",
}

# What a place without these signs gets instead.
PLAIN = str.maketrans(
    {
        "│": "|",
        "├": "|",
        "┤": "|",
        "─": "-",
        "┄": ".",
        "▶": ">",
        "◀": "<",
        "✕": "x",
        "█": "#",
        "▏": "|",
        "·": "-",
        "…": "~",
        "↻": "*",
        "→": ">",
        "←": "<",
    }
)


def wants_color(stream: Any) -> bool:
    """Whether to use colours: on a terminal that did not say no.

    See https://no-color.org for `NO_COLOR`.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # no stream, or a closed one
        return False


def readable(text: str, encoding: str | None) -> str:
    """Return `text` with signs that `encoding` has.

    Example:
        >>> readable("├─▶│ é", "ascii")
        '|->| ?'
    """
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        plain = text.translate(PLAIN)
        return plain.encode(encoding or "ascii", "replace").decode(
            encoding or "ascii"
        )
    return text


def painted(text: str, style: str) -> str:
    """Return `text` in a style's colour, for a terminal."""
    code = STYLES[style]
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def columns(text: str) -> int:
    r"""Return how many columns `text` takes.

    A Chinese sign takes two, an accent that sits on a letter none.

    Example:
        >>> columns("abc"), columns("漢字"), columns("e\N{COMBINING TILDE}")
        (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return `text` if it fits, else its beginning and a mark.

    Example:
        >>> cut("abcdef", 4)
        'abc…'
    """
    if columns(text) <= width:
        return text
    taken, out = 1, []
    for sign in text:
        taken += _width(sign)
        if taken > width:
            break
        out.append(sign)
    return "".join(out) + "…"
