from urllib.parse import quote, urlencode


def build_url(base, *segments, **query):
    url = base.removesuffix("/") if segments else base
    for segment in segments:
        if segment in (".", ".."):
            raise ValueError(segment)
        url += "/" + quote(segment, safe="")
    pairs = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, each) for each in values if each is not None]
    if pairs:
        url += ("&" if "?" in url else "?") + urlencode(pairs)
    return url
