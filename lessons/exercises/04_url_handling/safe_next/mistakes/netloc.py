from urllib.parse import urlsplit


def safe_next(url, hosts):
    if "\\" in url or any(char.isspace() for char in url):
        return "/"
    if url.startswith("/") and not url.startswith("//"):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    if parts.scheme in ("http", "https") and parts.netloc in hosts:
        return url
    return "/"
