"""Say what is allowed, in one pattern; all else is refused."""

import re
import unicodedata

WHOLE = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[^/?#@:\[\]]+|\[[^/?#@\[\]]+\])"
    r"(?::(?P<port>[0-9]+))?"
    r"(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
PORTS = {"http": "80", "https": "443"}


def safe_next(url: str, hosts: set[str]) -> str:
    if any(map(_misread, url)):
        return "/"
    if url.startswith("/"):
        return "/" if url.startswith("//") else url
    match = WHOLE.fullmatch(url)
    if match is None:
        return "/"
    port = match["port"] or PORTS[match["scheme"].lower()]
    host = f"{match['host'].lower()}:{port}"
    return url if host in hosts else "/"


def _misread(char: str) -> bool:
    """Whether browsers read something else than what stands there."""
    control = unicodedata.category(char) == "Cc"
    return char == "\\" or char.isspace() or control
