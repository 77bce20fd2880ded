"""The five parts of any reference, cut out and put together again.

All of these work on text alone. What is an acceptable host or port is decided
in `parsing`.
"""

import re

from netbasics.errors import InvalidURL
from netbasics.urls.redaction import shown

__all__ = ["Parts", "refusal", "remove_dot_segments", "split", "unsplit"]

Parts = tuple[str | None, str | None, str, str | None, str | None]

# RFC 3986, appendix B, with the characters of a scheme spelled out. Each class
# stops where the next part begins, so the time is linear in the length.
_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*+):)?+"
    r"(?://([^/?#]*+))?+"
    r"([^?#]*+)"
    r"(?:\?([^#]*+))?+"
    r"(?:\#(.*+))?+",
    re.DOTALL,
)


def refusal(text: object, reason: str) -> InvalidURL:
    """Return the error to raise: the URL without its secrets, and why."""
    return InvalidURL(f"{shown(text)}: {reason}")


def split(text: str) -> Parts:
    """Divide any reference into scheme, authority, path, query, fragment.

    A part that is absent is None; the path is always there. Absent and empty
    differ: `/a` and `/a?` are two URLs.

    Raises:
        InvalidURL: It has characters that no reference may have.
    """
    # `isprintable` is False for control characters, all blanks but the plain
    # one, invisible and direction-changing characters and lone surrogates.
    if not text.isprintable() or " " in text or "\\" in text:
        raise _bad_character(text)
    match = _PARTS.fullmatch(text)
    assert match is not None, "each part may be empty, so anything matches"
    return match.groups()  # type: ignore[return-value]


def _bad_character(text: str) -> InvalidURL:
    at, char = next(
        (at, char)
        for at, char in enumerate(text)
        if char in " \\" or not char.isprintable()
    )
    if char == "\\":
        why = "a backslash, which some clients read as '/': write '/' or %5C"
    else:
        why = f"{char!r}, which some clients remove: escape it, or strip it"
    return refusal(text, f"at position {at} is {why}")


def unsplit(
    scheme: str | None,
    authority: str | None,
    path: str,
    query: str | None,
    fragment: str | None,
) -> str:
    """Put five parts together again: `unsplit(*split(text)) == text`."""
    # Without an authority, a path of `//x` would be taken for one.
    if authority is None and path.startswith("//"):
        path = f"/.{path}"
    return "".join(
        [
            "" if scheme is None else f"{scheme}:",
            "" if authority is None else f"//{authority}",
            path,
            "" if query is None else f"?{query}",
            "" if fragment is None else f"#{fragment}",
        ]
    )


def remove_dot_segments(path: str) -> str:
    """Walk the path: `.` stays where it is, `..` goes one up, never above `/`.

    >>> remove_dot_segments("/a/b/c/./../../g")
    '/a/g'

    Source: RFC 3986, 5.2.4. A path without a leading `/` (`mailto:a.b`) is no
    path to walk, and stays.
    """
    if not path.startswith("/"):
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")  # it was a folder: its slash stays
    return "/" + "/".join(kept)
