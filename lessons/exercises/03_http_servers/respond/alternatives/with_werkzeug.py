"""Let werkzeug read the headers; it came with Flask."""

import re

from werkzeug.http import generate_etag, parse_etags, quote_etag

from netbasics.practice import Response


def respond(path, headers):
    get = {name.title(): value for name, value in headers}.get
    data = path.read_bytes()
    tag = generate_etag(data)
    common = [("ETag", quote_etag(tag))]
    if parse_etags(get("If-None-Match")).contains_weak(tag):
        return Response(304, common, b"")
    spec = re.match(r"(?i)bytes=(\d+-\d*|-\d+)\Z", get("Range", ""), re.ASCII)
    holds = get("If-Range", quote_etag(tag)) == quote_etag(tag)
    if not spec or not holds or not data:
        return Response(200, common, data)
    first, last = (int(n) if n else None for n in spec[1].split("-"))
    if first is None:
        first, last = max(0, len(data) - last), None
    if last is not None and last < first:
        return Response(200, common, data)
    part = data[first : None if last is None else last + 1]
    if not part:
        return Response(416, [("Content-Range", f"bytes */{len(data)}")], b"")
    where = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
    return Response(206, [*common, ("Content-Range", where)], part)
