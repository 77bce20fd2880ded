"""Sockets, and the time that is left before each wait."""

import socket
import time
from urllib.parse import urlsplit


def get(url, total):
    end = time.monotonic() + total

    def receive():
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("too late")
        sock.settimeout(left)
        piece = sock.recv(65536)
        if not piece:
            raise EOFError("the answer was cut short")
        return piece

    parts = urlsplit(url)
    address = (parts.hostname, parts.port or 80)
    with socket.create_connection(address, total) as sock:
        path = parts.path or "/"
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += receive()
        head, _, body = data.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        if int(status.split()[1]) >= 400:
            raise OSError(status)
        fields = dict(line.lower().split(":", 1) for line in lines)
        length = int(fields["content-length"])
        body = bytearray(body)
        while len(body) < length:
            body += receive()
        return bytes(body[:length])
