"""With two patterns, and a function that decides about each field."""

import re
from urllib.parse import unquote_to_bytes

SECRET = re.compile(rb"token|key|secret|password|signature")


def hide(match):
    key = unquote_to_bytes(match["key"]).lower()
    return match["key"] + "=***" if SECRET.search(key) else match[0]


def redact(url):
    end = re.search(r"[?#]", url)
    at = end.start() if end else len(url)
    start, rest = url[:at], url[at:]
    start = re.sub(r"\A([^/]*//)[^/]*@", r"\1***@", start)
    before, mark, after = rest[1:].partition("#") if rest else ("", "", "")
    if rest.startswith("#"):
        before, mark, after = rest[1:], "", ""
    field = re.compile(r"(?P<key>[^&;=]*)=[^&;]*")
    return (
        start
        + rest[:1]
        + field.sub(hide, before)
        + mark
        + field.sub(hide, after)
    )
