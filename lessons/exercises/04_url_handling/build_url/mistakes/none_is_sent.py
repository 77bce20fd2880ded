from urllib.parse import quote, urlencode, urlsplit, urlunsplit


def build_url(base, *segments, **query):
    parts = urlsplit(base)
    path = parts.path
    if segments:
        path = path.removesuffix("/")
    for segment in segments:
        if segment in (".", ".."):
            raise ValueError(segment)
        path += "/" + quote(segment, safe="")
    fields = [parts.query, urlencode(query, doseq=True)]
    both = "&".join(field for field in fields if field)
    return urlunsplit(parts._replace(path=path, query=both))
