import time
from contextlib import suppress

from netbasics.practice import Response


class Bad(Exception):
    pass


def handle(sock, app):
    with sock, suppress(OSError, EOFError):
        serve(sock, app)


def serve(sock, app):
    buffer = bytearray()
    while True:
        due = None
        while b"\r\n\r\n" not in buffer:
            try:
                if buffer and due is None:
                    due = time.monotonic() + 2
                left = 2 if due is None else due - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                sock.settimeout(left)
                more(sock, buffer)
            except TimeoutError:
                if buffer:
                    reply(sock, Response(408, [], b""), True)
                return
        sock.settimeout(None)
        try:
            method, target, headers, body = parse(sock, buffer)
        except Bad:
            reply(sock, Response(400, [], b""), True)
            return
        try:
            response = app(method, target, headers, body)
        except Exception:
            reply(sock, Response(500, [], b""), True)
            return
        last = "close" in find(headers, "connection")
        reply(sock, response, last)
        if last:
            return


def more(sock, buffer):
    piece = sock.recv(4096)
    if not piece:
        raise EOFError
    buffer += piece


def take(sock, buffer, count):
    while len(buffer) < count:
        more(sock, buffer)
    data = bytes(buffer[:count])
    del buffer[:count]
    return data


def line(sock, buffer):
    while b"\r\n" not in buffer:
        more(sock, buffer)
    text = take(sock, buffer, buffer.index(b"\r\n") + 2)
    return text[:-2].decode("latin-1")


def find(headers, wanted):
    return [value.lower() for name, value in headers if name.lower() == wanted]


def digits(text, allowed):
    return text != "" and all(each in allowed for each in text)


def parse(sock, buffer):
    words = line(sock, buffer).split(" ")
    headers = []
    while text := line(sock, buffer):
        name, colon, value = text.partition(":")
        if not colon or not name or " " in name or "\t" in name:
            raise Bad
        headers.append((name, value.strip()))
    if len(words) != 3 or not all(words) or words[2] != "HTTP/1.1":
        raise Bad
    lengths = find(headers, "content-length")
    codings = find(headers, "transfer-encoding")
    if lengths and codings:
        raise Bad
    body = b""
    if codings:
        if codings != ["chunked"]:
            raise Bad
        body = chunks(sock, buffer)
    elif lengths:
        if len(set(lengths)) > 1 or not digits(lengths[0], "0123456789"):
            raise Bad
        body = take(sock, buffer, int(lengths[0]))
    return words[0], words[1], headers, body


def chunks(sock, buffer):
    body = b""
    while True:
        size = line(sock, buffer).split(";")[0]
        if not digits(size, "0123456789abcdefABCDEF"):
            raise Bad
        if int(size, 16) == 0:
            break
        body += take(sock, buffer, int(size, 16))
        if take(sock, buffer, 2) != b"\r\n":
            raise Bad
    while line(sock, buffer):
        pass
    return body


def reply(sock, response, last):
    text = f"HTTP/1.1 {response.status} Whatever\r\n"
    for name, value in response.headers:
        text += f"{name}: {value}\r\n"
    if last:
        text += "Connection: close\r\n"
    text += f"Content-Length: {len(response.body)}\r\n\r\n"
    sock.sendall(text.encode() + response.body)
