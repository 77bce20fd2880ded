import re


def safe_next(url, hosts):
    if re.search(r"[\\\s\x00-\x20\x7f-\x9f]", url):
        return "/"
    if re.match(r"/(?!/)", url):
        return url
    match = re.match(r"(https?)://([^/?#@]+)(?=[/?#]|\Z)", url, re.IGNORECASE)
    if not match:
        return "/"
    scheme, netloc = match[1].lower(), match[2].lower()
    if "[" in netloc:
        host = netloc[netloc.find("[") : netloc.find("]") + 1]
        port = netloc[netloc.find("]") + 1 :].partition(":")[2]
    else:
        host, _, port = netloc.partition(":")
    if not port:
        port = "443" if scheme == "https" else "80"
    return url if f"{host}:{port}" in hosts else "/"
