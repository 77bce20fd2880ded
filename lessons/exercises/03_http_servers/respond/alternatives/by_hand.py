"""Without regular expressions; what does not count raises ValueError."""

import zlib
from hashlib import md5

from netbasics.practice import Response


def respond(path, headers):
    content = path.read_bytes()
    size = len(content)
    etag = '"' + md5(content).hexdigest() + f"-{zlib.crc32(content):x}" + '"'
    got = {}
    for name, value in headers:
        got[name.casefold()] = value
    ours = [("etag", etag), ("accept-ranges", "bytes")]

    if "if-none-match" in got:
        tags = [tag.strip() for tag in got["if-none-match"].split(",")]
        if "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]:
            return Response(304, ours, b"")
    try:
        if got.get("if-range", etag) != etag or size == 0:
            raise ValueError("no range, please")
        first, last = positions(got["range"], size)
    except (KeyError, ValueError):
        ours.append(("content-length", str(size)))
        return Response(200, ours, content)
    if first >= size:
        return Response(416, [("content-range", f"bytes */{size}")], b"sorry")
    ours.append(("content-range", f"bytes {first}-{last}/{size}"))
    ours.append(("content-length", str(last - first + 1)))
    return Response(206, ours, content[first : last + 1])


def number(text):
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def positions(text, size):
    unit, _, spec = text.partition("=")
    if unit.lower() != "bytes":
        raise ValueError(unit)
    first, last = spec.split("-")
    if first == "":
        return max(size - number(last), 0) if int(last) else size, size - 1
    if last == "":
        return number(first), size - 1
    if number(last) < number(first):
        raise ValueError(spec)
    return number(first), min(number(last), size - 1)
