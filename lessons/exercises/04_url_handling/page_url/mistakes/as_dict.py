from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def page_url(base, page):
    parts = urlsplit(base)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["page"] = page
    return urlunsplit(parts._replace(query=urlencode(query)))
