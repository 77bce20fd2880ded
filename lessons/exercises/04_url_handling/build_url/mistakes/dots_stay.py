from urllib.parse import quote, urlencode, urlsplit, urlunsplit


def build_url(base, *segments, **query):
    parts = urlsplit(base)
    path = parts.path
    if segments:
        path = path.removesuffix("/")
        path += "".join("/" + quote(segment, safe="") for segment in segments)
    pairs = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, each) for each in values if each is not None]
    fields = [parts.query, urlencode(pairs)]
    both = "&".join(field for field in fields if field)
    return urlunsplit(parts._replace(path=path, query=both))
