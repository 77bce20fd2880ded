from urllib.parse import urlsplit


def safe_next(url, hosts):
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    if not parts.netloc:
        return url  # it stays on this host
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    if f"{parts.hostname}:{port}" in hosts:
        return url
    return "/"
