"""With urlsplit for the parts, and section 5.2.4 word by word."""

import string
from urllib.parse import urlsplit

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}
HEX = set(string.hexdigits)
PLAIN = set(string.ascii_letters + string.digits + "-._~")


def escapes(text):
    out = ""
    i = 0
    while i < len(text):
        code = text[i + 1 : i + 3]
        if text[i] != "%" or len(code) < 2 or not set(code) <= HEX:
            out += text[i]
            i += 1
            continue
        letter = chr(int(code, 16))
        lone = out.endswith("%") or (out[-2:-1] == "%" and out[-1] in HEX)
        if letter in PLAIN and not lone:
            out += letter
        else:
            out += "%" + code.upper()
        i += 3
    return out


def remove_dot_segments(given):
    output = ""
    while given:
        if given.startswith("/./"):
            given = given[2:]
        elif given == "/.":
            given = "/"
        elif given.startswith("/../") or given == "/..":
            given = given[3:] or "/"
            output = output[: output.rfind("/")] if "/" in output else ""
        else:
            end = given.find("/", 1)
            end = len(given) if end < 0 else end
            output += given[:end]
            given = given[end:]
    return output


def normalize(url):
    before, hash_sign, fragment = url.partition("#")
    before, question_mark, query = before.partition("?")
    parts = urlsplit(before)
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != PORTS[parts.scheme]:
        host += f":{parts.port}"
    path = remove_dot_segments(escapes(parts.path)) or "/"
    start = f"{parts.scheme}://{escapes(userinfo)}{at}{host}{path}"
    end = question_mark + escapes(query) + hash_sign + escapes(fragment)
    return start + end
