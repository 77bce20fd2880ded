import re


def safe_next(url, hosts):
    if re.search(r"[\\\s\x00-\x20\x7f-\x9f]", url):
        return "/"
    if re.match(r"/(?!/)", url):
        return url
    match = re.fullmatch(r"(https?)://([^/?#@:]+)(:[0-9]+)?([/?#].*)?", url)
    if match:
        scheme, host, port, _ = match.groups()
        port = port or (":443" if scheme == "https" else ":80")
        if host + port in hosts:
            return url
    return "/"
