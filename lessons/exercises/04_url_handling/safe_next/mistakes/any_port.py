from urllib.parse import urlsplit


def safe_next(url, hosts):
    for char in url:
        if ord(char) < 32 or 127 <= ord(char) < 160:
            return "/"
        if char == "\\" or char.isspace():
            return "/"
    if url[:1] == "/" and url[:2] != "//":
        return url
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "/"
        if parts.username is not None or parts.password is not None:
            return "/"
        port = parts.port
    except ValueError:
        return "/"
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    host = parts.hostname
    if ":" in host:
        host = "[" + host + "]"
    if host in {each.rpartition(":")[0] for each in hosts}:
        return url
    return "/"
