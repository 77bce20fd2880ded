"""Walk through the text once, sign by sign."""

from urllib.parse import unquote

WORDS = {"token", "key", "secret", "password", "signature"}


def secret(key):
    key = unquote(key, errors="ignore").casefold()
    return any(word in key for word in WORDS)


def redact(url):
    result = []
    key = []
    where = "start"
    hidden = False
    for char in _hide_user(url):
        if char == "#" and where != "fragment":
            where, key, hidden = "fragment", [], False
        elif char == "?" and where == "start":
            where, key, hidden = "query", [], False
        elif where != "start" and char in "&;":
            key, hidden = [], False
        elif where != "start" and char == "=" and key is not None:
            hidden = secret("".join(key))
            key = None
            result.append("=***" if hidden else "=")
            continue
        elif key is not None and where != "start":
            key.append(char)
        if not hidden:
            result.append(char)
    return "".join(result)


def _hide_user(url):
    start = url.index("//") + 2
    ends = [url.find(sign, start) for sign in "/?#"]
    end = min([at for at in ends if at >= 0], default=len(url))
    at = url.rfind("@", start, end)
    return url if at < 0 else url[:start] + "***" + url[at:]
