"""Let `requests` write the query: it leaves None out by itself."""

from urllib.parse import quote

import requests


def build_url(base, *segments, **query):
    if {".", ".."} & set(segments):
        raise ValueError("a segment of dots")
    start, divider, rest = base, "", ""
    for at, char in enumerate(base):
        if char in "?#":
            start, divider, rest = base[:at], char, base[at + 1 :]
            break
    if segments:
        path = "/".join(quote(segment, safe="") for segment in segments)
        start = f"{start.removesuffix('/')}/{path}"
    params = {
        name: [v for v in value if v is not None]
        if isinstance(value, (list, tuple))
        else value
        for name, value in query.items()
    }
    request = requests.Request("GET", start + divider + rest, params=params)
    return request.prepare().url
