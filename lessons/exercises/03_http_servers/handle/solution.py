"""A reader that keeps what came too early, and a deadline for each head."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from netbasics.practice import Response

App = Callable[[str, str, list[tuple[str, str]], bytes], Response]
PATIENCE = 2.0
FIRST_LINE = re.compile(r"([^ ]+) ([^ ]+) HTTP/1\.1")
HEADER = re.compile(r"([^ \t:]+):[ \t]*(.*?)[ \t]*")


class Reader:
    """What has come, and what comes; EOFError at the end."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.data = bytearray()

    def until(self, end: bytes, due: float | None = None) -> bytes:
        while end not in self.data:
            self._more(due)
        at = self.data.index(end)
        return self._take(at + len(end))[:at]

    def exactly(self, count: int) -> bytes:
        while len(self.data) < count:
            self._more(None)
        return self._take(count)

    def _more(self, due: float | None) -> None:
        left = None if due is None else due - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        piece = self.sock.recv(65536)
        if not piece:
            raise EOFError
        self.data += piece

    def _take(self, count: int) -> bytes:
        taken = bytes(self.data[:count])
        del self.data[:count]
        return taken


def handle(sock: socket.socket, app: App) -> None:
    reader = Reader(sock)
    with sock, suppress(OSError, EOFError):
        while serve_one(sock, reader, app):
            pass


def serve_one(sock: socket.socket, reader: Reader, app: App) -> bool:
    """Answer one request; say whether there may be another."""
    try:
        head = reader.until(b"\r\n\r\n", time.monotonic() + PATIENCE)
    except TimeoutError:
        if reader.data:
            send(sock, Response(408, [], b"too slow\n"), last=True)
        return False
    try:
        method, target, headers = parsed(head.decode("latin-1"))
        body = read_body(reader, headers)
    except ValueError as error:
        send(sock, Response(400, [], f"{error}\n".encode()), last=True)
        return False
    try:
        response = app(method, target, headers, body)
    except Exception:
        send(sock, Response(500, [], b"sorry\n"), last=True)
        return False
    last = "close" in [v.lower() for v in values(headers, "connection")]
    send(sock, response, last=last)
    return not last


def parsed(head: str) -> tuple[str, str, list[tuple[str, str]]]:
    first, *lines = head.split("\r\n")
    asked = FIRST_LINE.fullmatch(first)
    pairs = [HEADER.fullmatch(line) for line in lines]
    if asked is None or None in pairs:
        raise ValueError("this is no request")
    return asked[1], asked[2], [(pair[1], pair[2]) for pair in pairs if pair]


def values(headers: list[tuple[str, str]], wanted: str) -> list[str]:
    return [value for name, value in headers if name.lower() == wanted]


def read_body(reader: Reader, headers: list[tuple[str, str]]) -> bytes:
    lengths = set(values(headers, "content-length"))
    codings = values(headers, "transfer-encoding")
    if codings:
        if lengths or [each.lower() for each in codings] != ["chunked"]:
            raise ValueError("this body has no certain end")
        return read_chunks(reader)
    if not lengths:
        return b""
    if len(lengths) > 1 or not re.fullmatch("[0-9]+", min(lengths)):
        raise ValueError("this is no length")
    return reader.exactly(int(min(lengths)))


def read_chunks(reader: Reader) -> bytes:
    body = b""
    while True:
        text = reader.until(b"\r\n").partition(b";")[0].rstrip(b" \t")
        if not re.fullmatch(b"[0-9a-fA-F]+", text):
            raise ValueError("this is no size of a chunk")
        size = int(text, 16)
        if size == 0:
            break
        body += reader.exactly(size)
        if reader.exactly(2) != b"\r\n":
            raise ValueError("a chunk is longer than it says")
    while reader.until(b"\r\n"):
        pass  # a trailer
    return body


def send(sock: socket.socket, response: Response, *, last: bool) -> None:
    status = HTTPStatus(response.status)
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    headers += [("Connection", "close")] * last
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    sock.settimeout(None)
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    sock.sendall(head + response.body)
