"""Cut the text at its signs; let urlencode repeat the lists."""

from urllib.parse import quote, urlencode


def build_url(base, *segments, **query):
    base, hash_sign, fragment = base.partition("#")
    url, _, old = base.partition("?")
    if segments and url.endswith("/"):
        url = url[:-1]
    for segment in segments:
        if segment == "." or segment == "..":
            raise ValueError("no dots alone, please")
        url = url + "/" + quote(segment, "")
    wanted = {}
    for key, value in query.items():
        if isinstance(value, (list, tuple)):
            wanted[key] = [item for item in value if item is not None]
        elif value is not None:
            wanted[key] = value
    new = urlencode(wanted, doseq=True, quote_via=quote)
    if old and new:
        old += "&"
    if old or new:
        url += "?" + old + new
    return url + hash_sign + fragment
