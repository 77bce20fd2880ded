"""One byte at a time while the end is not known; nothing can be swallowed."""

import string

from netbasics.practice import Response


def take(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if piece == b"":
            raise EOFError("the peer closed too early")
        data += piece
    return data


def take_until(sock, end, limit):
    data = bytearray()
    while not data.endswith(end):
        if len(data) == limit:
            raise ValueError(f"no end within {limit} bytes")
        data += take(sock, 1)
    return data[: -len(end)].decode("latin-1")


def size(text, digits, base):
    if not text or set(text) - set(digits):
        raise ValueError(f"not a size: {text}")
    return int(text, base)


def read_head(sock):
    first, *rest = take_until(sock, b"\r\n\r\n", 65536).split("\r\n")
    version, _, other = first.partition(" ")
    code = other.partition(" ")[0]
    if not version.startswith("HTTP/1.") or len(code) != 3:
        raise ValueError(f"no status line: {first}")
    headers = []
    for line in rest:
        name, value = line.split(":", 1)  # ValueError without a colon
        headers.append((name, value.strip()))
    return size(code, string.digits, 10), headers


def read_response(sock):
    status, headers = read_head(sock)
    if status < 200:
        return read_response(sock)
    found = {"content-length": [], "transfer-encoding": []}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    lengths = {size(v, string.digits, 10) for v in found["content-length"]}
    codings = found["transfer-encoding"]
    if len(lengths) > 1 or (lengths and codings):
        raise ValueError("how long is it?")
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        raise ValueError("unknown coding")
    body = b""
    if status in {204, 304}:
        pass
    elif codings:
        while True:
            line = take_until(sock, b"\r\n", 4096).partition(";")[0]
            count = size(line, string.hexdigits, 16)
            if count == 0:
                break
            body += take(sock, count)
            if take(sock, 2) != b"\r\n":
                raise ValueError("the chunk does not end")
        while take_until(sock, b"\r\n", 65536):
            pass
    elif lengths:
        body = take(sock, lengths.pop())
    else:
        while piece := sock.recv(4096):
            body += piece
    return Response(status, headers, body)
