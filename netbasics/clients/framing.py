"""Where a response ends: only what HTTP allows, for else it is a guess.

http.client is lenient: it takes `Content-Length: -1` for no length at all, and
`0x11`, `+5` and `1_0` for the size of a chunk. A reader that guesses where a
response ends may take the next one for its rest (RFC 9112, section 11.2).
"""

import http.client
import re
from collections.abc import Sequence

__all__ = ["StrictResponse", "doubts"]

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;.*)?\r?\n?")
_MAX_LINE = 65536


class StrictResponse(http.client.HTTPResponse):
    """The standard library's response, where lengths are what they say."""

    def begin(self) -> None:
        """Read the head, and refuse one that leaves the end of the body open.

        Raises:
            http.client.HTTPException: It does.
        """
        super().begin()
        reason = doubts(
            self.headers.get_all("Content-Length", []),
            self.headers.get_all("Transfer-Encoding", []),
        )
        if reason:
            raise http.client.HTTPException(reason)

    def _read_next_chunk_size(self) -> int:
        line = self.fp.readline(_MAX_LINE + 1)
        if not line:
            raise ValueError("the end")  # to http.client: cut off
        if len(line) > _MAX_LINE:
            raise http.client.LineTooLong("chunk size")
        if not _SIZE.fullmatch(line):
            raise http.client.HTTPException(f"a chunk of {line[:40]!r} bytes")
        return int(re.split(rb"[;\s]", line, maxsplit=1)[0], 16)


def doubts(lengths: Sequence[str], codings: Sequence[str]) -> str:
    """Return why the end of a response is not certain; `""` if it is.

    Args:
        lengths: Its Content-Length headers. Equal ones may be repeated.
        codings: Its Transfer-Encoding headers.

    Example:
        >>> doubts(["5"], []), doubts(["5", "5"], [])
        ('', '')
        >>> doubts(["5", "6"], [])
        "its Content-Length is '5, 6'"

    Source: RFC 9112, section 6.3.
    """
    length = ", ".join(lengths)
    values = {value.strip() for value in length.split(",")}
    if lengths and not (
        len(values) == 1 and re.fullmatch("[0-9]+", values.pop())
    ):
        return f"its Content-Length is {length[:40]!r}"
    coding = ", ".join(codings).strip().lower()
    if coding in ("", "identity"):
        return ""
    if coding != "chunked":
        return f"its Transfer-Encoding is {coding[:40]!r}"
    return "it is chunked and has a Content-Length as well" if lengths else ""
