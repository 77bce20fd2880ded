import hashlib

from netbasics.practice import Response


def respond(path, headers):
    fields = {name.lower(): value for name, value in headers}
    data = path.read_bytes()
    size = len(data)
    etag = '"' + hashlib.sha1(data).hexdigest() + '"'

    for tag in fields.get("if-none-match", "").split(","):
        if tag.strip().removeprefix("W/") == etag:
            return Response(304, [("ETag", etag)], b"")

    wanted = fields.get("range")
    if "if-range" in fields and fields["if-range"] != etag:
        wanted = None
    span = parse(wanted, size)
    if span is None:
        return Response(200, [("ETag", etag)], data)
    first, last = span
    if first >= size:
        return Response(416, [("Content-Range", f"bytes */{size}")], b"")
    content_range = f"bytes {first}-{last}/{size}"
    return Response(
        206,
        [("ETag", etag), ("Content-Range", content_range)],
        data[first : last + 1],
    )


def parse(text, size):
    if not text or not text.lower().startswith("bytes=") or size == 0:
        return None
    first, dash, last = text[6:].partition("-")
    for part in (first, last):
        if part and not (part.isascii() and part.isdigit()):
            return None
    if not dash or not (first or last):
        return None
    if not first:
        if int(last) == 0:
            return size, size
        return max(0, size - int(last)), size - 1
    if not last:
        return int(first), size - 1
    if int(last) < int(first):
        return None
    return int(first), min(int(last), size - 1)
