from urllib.parse import urlencode


def build_url(base, *segments, **query):
    for segment in segments:
        if segment in (".", ".."):
            raise ValueError(segment)
        base = f"{base.removesuffix('/')}/{segment}"
    return f"{base}?{urlencode(query)}" if query else base
