"""Let http.client do the reading, on a socket that knows the time left."""

import io
import socket
import time
from http.client import HTTPResponse, IncompleteRead
from urllib.parse import urlsplit


class Timed(io.RawIOBase):
    """What a socket receives, until a deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock = sock
        self.deadline = deadline
        self.in_head = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole call is over")
        self.sock.settimeout(left)
        size = self.sock.recv_into(buffer)
        # http.client would take this for the end of the headers.
        if not size and self.in_head:
            raise EOFError("the server closed before the headers were complete")
        return size

    def makefile(self, mode: str) -> io.BufferedReader:
        """Be all that an HTTPResponse wants of a socket."""
        return io.BufferedReader(self)


def get(url: str, total: float) -> bytes:
    deadline = time.monotonic() + total
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    address = parts.hostname, parts.port or 80
    with socket.create_connection(address, timeout=total) as sock:
        sock.sendall(f"{request}Connection: close\r\n\r\n".encode())
        source = Timed(sock, deadline)
        response = HTTPResponse(source)
        response.begin()
        source.in_head = False
        if response.status >= 400:
            raise OSError(f"{url}: {response.status} {response.reason}")
        try:
            return response.read()
        except IncompleteRead as error:
            raise EOFError(f"{url}: {error}") from error
