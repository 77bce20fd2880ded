r"""Show bytes to a person: HTTP as text, the rest as escaped text or as hex.

>>> for line in preview(b"GET /hello HTTP/1.1\r\nHost: example.com\r\n\r\n"):
...     print(line)
GET /hello HTTP/1.1
Host: example.com
>>> preview(b"hi there\n")
['hi there\\n']
>>> preview(bytes(range(8)))
['00 01 02 03 04 05 06 07  ........']
"""

import re

from netbasics.wire.terminals import columns, cut

__all__ = ["START", "preview", "start_line"]

START = re.compile(
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,24} \S{1,8000} HTTP/1\.[01]"
    rb"|HTTP/1\.[01] [1-9][0-9]{2}(?: [^\r\n]*)?)\r?\n"
)
MOST_HEADERS = 12
MOST_LINES = 3
HEX_WIDTH = 16
HEX_MARGIN = 6  # columns by which hex may be wider than text, of full rows
# Only so much is looked at: a preview of a megabyte costs no more.
LOOKED_AT = 4096
ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def start_line(data: bytes) -> str | None:
    """Return the first line if it begins an HTTP/1 message, else None."""
    found = START.match(data)
    if found is None:
        return None
    return escape(found[0].rstrip(b"\r\n").decode("latin-1"))


def preview(data: bytes, width: int = 66) -> list[str]:
    """Return a few lines that show what the bytes are.

    Args:
        data: The bytes.
        width: The longest line, in columns; 66 at least, for the hex.

    Returns:
        Printable lines: control characters are escaped, so that what a peer
        sent cannot take over a terminal.
    """
    if start_line(data) is None:
        return _content(data, width)
    head, _, body = data[:LOOKED_AT].partition(b"\r\n\r\n")
    lines = head.decode("latin-1").splitlines()
    shown = [cut(escape(line), width) for line in lines[: MOST_HEADERS + 1]]
    if len(lines) > len(shown):
        shown.append(f"… {len(lines) - len(shown)} more headers")
    content = _content(body, width)
    # The empty line between them is there on the wire, too.
    return [*shown, "", *content] if content else shown


def _content(data: bytes, width: int) -> list[str]:
    """Return lines for bytes that are no headers."""
    if not data:
        return []
    sample = data[:LOOKED_AT]
    if _is_text(sample[:512]):
        text = escape(sample.decode("utf-8", "backslashreplace"))
        return _wrapped(text, width)
    return _hex(sample, len(data), width)


def _is_text(sample: bytes) -> bool:
    """Whether most of it are characters that a person would read."""
    text = sample.decode("utf-8", "replace")
    odd = sum(
        sign == "\N{REPLACEMENT CHARACTER}"
        or not (sign.isprintable() or sign in "\r\n\t")
        for sign in text
    )
    return odd * 8 <= len(text)


def escape(text: str) -> str:
    r"""Return the text with what is not printable as escapes.

    Example:
        >>> print(escape("a\r\n\x1b[31m"))
        a\r\n\x1b[31m
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(
        sign
        if sign.isprintable() and sign != "\\"
        else ESCAPES.get(sign) or sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def _wrapped(text: str, width: int) -> list[str]:
    """Cut a long text into lines, a few at most."""
    lines: list[str] = []
    while text and len(lines) < MOST_LINES:
        if columns(text) <= width or len(lines) == MOST_LINES - 1:
            lines.append(cut(text, width))
            break
        line = cut(text, width + 1)[:-1]
        lines.append(line)
        text = text[len(line) :]
    return lines


def _hex(sample: bytes, size: int, width: int) -> list[str]:
    lines: list[str] = []
    # A byte takes three columns as a number and one as a sign, and rows of 16
    # or 8 can be counted.
    full = 4 * HEX_WIDTH + 1
    count = HEX_WIDTH if full <= width + HEX_MARGIN else HEX_WIDTH // 2
    wide = min(len(sample), count) * 3
    for at in range(0, len(sample), count):
        if len(lines) == MOST_LINES:
            lines.append(f"… {size - at:,} more bytes")
            break
        row = sample[at : at + count]
        signs = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{row.hex(' '):<{wide}} {signs}")
    return lines
