import re

PARTS = re.compile(
    r"([^:/?#]+)://(?:([^/?#]*)@)?([^/?#@]*?)(?::([0-9]*))?"
    r"(/[^?#]*)?(\?[^#]*)?(#.*)?",
    re.DOTALL,
)
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
OPEN = re.compile(r"%[0-9A-Fa-f]?\Z")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443", "ftp": "21"}


def normalize(url: str) -> str:
    match = PARTS.fullmatch(url)
    if match is None:
        raise ValueError(f"{url!r} is no URL with a host")
    scheme, userinfo, host, port, path, query, fragment = match.groups()
    scheme = scheme.lower()
    at = "" if userinfo is None else f"{_escapes(userinfo)}@"
    colon = "" if port in (None, "", PORTS.get(scheme)) else f":{port}"
    path = _without_dots(_escapes(path or "/"))
    rest = _sorted(_escapes(query or "")) + _escapes(fragment or "")
    return f"{scheme}://{at}{host.lower()}{colon}{path}{rest}"


def _escapes(part: str) -> str:
    def mend(escape: re.Match[str]) -> str:
        char = chr(int(escape[0][1:], 16))
        before = part[max(0, escape.start() - 2) : escape.start()]
        if UNRESERVED.fullmatch(char) and not OPEN.search(before):
            return char
        return escape[0].upper()

    return ESCAPE.sub(mend, part)


def _sorted(query: str) -> str:
    return query[:1] + "&".join(sorted(query[1:].split("&")))


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")  # it was a folder: its slash stays
    return "/" + "/".join(kept)
