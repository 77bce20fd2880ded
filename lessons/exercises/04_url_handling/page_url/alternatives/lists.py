"""With a dict of lists, which keeps repeated names."""

from urllib.parse import parse_qs, quote, urlencode, urlparse


def page_url(base, page):
    url = urlparse(base)
    query = parse_qs(url.query, keep_blank_values=True)
    query["page"] = [str(page)]
    encoded = urlencode(query, doseq=True, quote_via=quote)
    return url._replace(query=encoded).geturl()
