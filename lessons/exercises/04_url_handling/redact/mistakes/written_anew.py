from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

WORDS = ("token", "key", "secret", "password", "signature")


def hide(fields):
    pairs = parse_qsl(fields, keep_blank_values=True)
    hidden = []
    for key, value in pairs:
        if any(word in key.lower() for word in WORDS):
            value = "***"
        hidden.append((key, value))
    return urlencode(hidden, safe="*")


def redact(url):
    parts = urlsplit(url)
    netloc = parts.netloc
    if "@" in netloc:
        netloc = "***@" + netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(
            netloc=netloc,
            query=hide(parts.query),
            fragment=hide(parts.fragment),
        )
    )
