"""Read the query into pairs, replace one, write it again."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def page_url(base: str, page: int) -> str:
    parts = urlsplit(base)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    others = [(name, value) for name, value in pairs if name != "page"]
    query = urlencode([*others, ("page", page)])
    return urlunsplit(parts._replace(query=query))
