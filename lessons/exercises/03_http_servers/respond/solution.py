"""A function for each rule; the order of the rules is the function itself."""

import hashlib
import re
from pathlib import Path

from netbasics.practice import Response

TAG = re.compile(r'(?:W/)?("[^"]*")')
RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)


def respond(path: Path, headers: list[tuple[str, str]]) -> Response:
    fields = {name.lower(): value.strip() for name, value in headers}
    data = path.read_bytes()
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    known = fields.get("if-none-match", "")
    if known == "*" or etag in TAG.findall(known):
        return Response(304, [("ETag", etag)], b"")
    wanted = None
    if fields.get("if-range", etag) == etag:
        wanted = span(fields.get("range", ""), len(data))
    if wanted is None:
        return Response(200, [("ETag", etag)], data)
    if not wanted:
        return Response(416, [("Content-Range", f"bytes */{len(data)}")], b"")
    return Response(
        206,
        [
            ("ETag", etag),
            ("Content-Range", f"bytes {wanted[0]}-{wanted[-1]}/{len(data)}"),
        ],
        data[wanted.start : wanted.stop],
    )


def span(text: str, size: int) -> range | None:
    """Return the positions that are asked for: none of them is a 416."""
    match = RANGE.fullmatch(text)
    if match is None or match[0][-2:] == "=-" or not size:
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
