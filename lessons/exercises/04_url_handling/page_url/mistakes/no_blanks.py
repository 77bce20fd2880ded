from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit


def page_url(base, page):
    parts = urlsplit(base)
    query = parse_qs(parts.query)
    query["page"] = [page]
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))
