from urllib.parse import parse_qsl, urlsplit, urlunsplit


def page_url(base, page):
    parts = urlsplit(base)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs = [pair for pair in pairs if pair[0] != "page"]
    pairs.append(("page", page))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return urlunsplit(parts._replace(query=query))
