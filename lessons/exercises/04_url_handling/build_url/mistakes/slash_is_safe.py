from urllib.parse import quote, urlencode, urlsplit, urlunsplit


def build_url(base, *segments, **query):
    parts = urlsplit(base)
    path = parts.path
    for segment in segments:
        if segment in (".", ".."):
            raise ValueError(segment)
    if segments:
        path = path.removesuffix("/")
        path += "".join("/" + quote(segment) for segment in segments)
    pairs = {k: v for k, v in query.items() if v is not None}
    fields = [parts.query, urlencode(pairs, doseq=True)]
    both = "&".join(field for field in fields if field)
    return urlunsplit(parts._replace(path=path, query=both))
