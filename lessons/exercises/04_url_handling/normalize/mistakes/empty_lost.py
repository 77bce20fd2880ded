import re
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}


def escapes(text):
    def replace(match):
        char = unquote(match[0], "latin-1")
        if re.fullmatch("[A-Za-z0-9._~-]", char):
            return char
        return match[0].upper()

    return re.sub("%[0-9A-Fa-f]{2}", replace, text)


def normalize(url):
    parts = urlsplit(url)
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != PORTS[parts.scheme]:
        host += f":{parts.port}"
    path = urljoin("/", escapes(parts.path)) or "/"
    netloc = escapes(userinfo) + at + host
    query, fragment = escapes(parts.query), escapes(parts.fragment)
    return urlunsplit((parts.scheme, netloc, path, query, fragment))
