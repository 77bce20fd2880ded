"""What a check found: data that the child process sends to its parent."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Finding", "Kind", "Line", "short"]

Kind = Literal[
    "passed",
    "not written",
    "failed",
    "hangs",
    "exits",
    "crashes",
    "floods",
    "no syntax",
    "not there",
    "signature",
    "broken check",
]


@dataclass(frozen=True)
class Line:
    """A line of the learner's own code: its number and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Finding:
    """How one run of a check ended.

    Args:
        kind: In a word.
        headline: In a line.
        story: What the peer did: the test's own words.
        called: How the learner's function was called.
        got: What came of it.
        expected: What should have come.
        mistake: The well-known mistake that this looks like.
        notes: What else is worth knowing, a line each.
        diagram: What passed between the function and the peer.
        lines: The learner's own lines that led there, the innermost last.
        printed: The end of what the program printed.
    """

    kind: Kind
    headline: str
    story: str = ""
    called: str = ""
    got: str = ""
    expected: str = ""
    mistake: str = ""
    notes: list[str] = field(default_factory=list)
    diagram: str = ""
    lines: list[Line] = field(default_factory=list)
    printed: str = ""

    def dumps(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Finding":
        """Read what `dumps` wrote."""
        data: dict[str, Any] = json.loads(text)
        data["lines"] = [Line(**line) for line in data["lines"]]
        return cls(**data)


def short(value: object, most: int = 200) -> str:
    """Return a repr that fits into a message.

    >>> short(b"x" * 1000, 30)
    "b'xxxxxxxxxxxxx...' (1,000 bytes)"
    """
    import socket
    import threading

    if isinstance(value, socket.socket):
        return _socket(value)
    if isinstance(value, threading.Event):
        return "<an Event>"
    try:
        # Of something huge, the beginning is enough to make a repr of.
        cut = isinstance(value, bytes | str) and len(value) > 4 * most
        text = repr(value[:most] if cut else value)  # type: ignore[index]
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {error!r:.60}>"
    if not cut and len(text) <= most:
        return text
    kept = text[: most // 2] + "..."
    if isinstance(value, bytes):
        return f"{kept}' ({len(value):,} bytes)"
    if isinstance(value, str):
        return f"{kept}' ({len(value):,} characters)"
    return kept


def _socket(sock: Any) -> str:
    try:
        return "<a socket to {}:{}>".format(*sock.getpeername()[:2])
    except (OSError, IndexError):
        return "<a socket>"
