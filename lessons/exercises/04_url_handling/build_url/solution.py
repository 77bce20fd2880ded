"""Change two of the five parts of the base."""

from urllib.parse import quote, urlencode, urlsplit, urlunsplit


def build_url(base: str, *segments: str, **query: object) -> str:
    parts = urlsplit(base)
    path = parts.path
    if segments:
        path = path.removesuffix("/") + "".join(map(_escaped, segments))
    fields = [parts.query, urlencode(_pairs(query))]
    both = "&".join(filter(None, fields))
    return urlunsplit(parts._replace(path=path, query=both))


def _escaped(segment: str) -> str:
    if segment in (".", ".."):
        raise ValueError(f"the segment {segment!r} means another folder")
    return "/" + quote(segment, safe="")


def _pairs(query: dict[str, object]) -> list[tuple[str, object]]:
    return [
        (name, value)
        for name, values in query.items()
        for value in (values if isinstance(values, list | tuple) else [values])
        if value is not None
    ]
