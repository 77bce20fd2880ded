from urllib.parse import parse_qsl, urlsplit

WORDS = ("token", "key", "secret", "password", "signature")


def redact(url):
    parts = urlsplit(url)
    secrets = []
    if "@" in parts.netloc:
        secrets.append(parts.netloc.rpartition("@")[0])
    for fields in (parts.query, parts.fragment):
        for key, value in parse_qsl(fields):
            if any(word in key.lower() for word in WORDS):
                secrets.append(value)
    for secret in secrets:
        url = url.replace(secret, "***")
    return url
