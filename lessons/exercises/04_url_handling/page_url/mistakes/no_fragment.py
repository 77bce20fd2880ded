from urllib.parse import parse_qsl, urlencode, urlsplit


def page_url(base, page):
    parts = urlsplit(base)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs = [pair for pair in pairs if pair[0] != "page"]
    pairs.append(("page", page))
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(pairs)}"
