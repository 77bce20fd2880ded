from urllib.parse import quote, urlencode, urljoin


def build_url(base, *segments, **query):
    for segment in segments:
        if segment in (".", ".."):
            raise ValueError(segment)
        base = urljoin(base, quote(segment, safe=""))
    pairs = {k: v for k, v in query.items() if v is not None}
    if pairs:
        base += "?" + urlencode(pairs, doseq=True)
    return base
