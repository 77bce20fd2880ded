"""HTTP peers for the tests of the clients: they do as they are told.

They speak through raw sockets, so that each byte of an answer, and the moment
when it is sent, is the test's own.
"""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field

from netbasics.servers import TCPServer


@dataclass
class Seen:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def __getitem__(self, name):
        return self.headers.get(name.lower())


@dataclass
class Site:
    """Answers requests by a list of replies; the last one is repeated.

    A reply is bytes to send, or a function that is called with the socket and
    the request; it may return bytes. `CLOSE` ends the connection.
    """

    replies: list
    tls: object = None
    seen: list = field(default_factory=list)

    def __post_init__(self):
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._connections = 0

    def __enter__(self):
        self.server = TCPServer(self._handle, tls=self.tls).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.stop(drain=0)
        assert not self._faults(), self.server.errors

    def _faults(self):
        # A client that went away is no fault.
        return [e for e in self.server.errors if not isinstance(e, OSError)]

    @property
    def port(self):
        return self.server.port

    @property
    def url(self):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def connections(self):
        return self._connections

    def _handle(self, sock, _peer):
        with self._lock:
            self._connections += 1
            mine = self._connections
        with sock.makefile("rb") as stream:
            while request := read_request(stream, mine):
                with self._lock:
                    self.seen.append(request)
                    index = min(len(self.seen), len(self.replies)) - 1
                    reply = self.replies[index]
                if callable(reply):
                    reply = reply(sock, request)
                if reply is CLOSE:
                    return
                if reply:
                    sock.sendall(reply)

    def drip(self, data, every=0.05):
        """A reply that sends one byte at a time."""

        def send(sock, _request):
            for byte in data:
                sock.sendall(bytes([byte]))
                if self.over.wait(every):
                    return CLOSE
            return None

        return send

    def silence(self, _sock, _request):
        """A reply that never comes."""
        self.over.wait(30)
        return CLOSE


CLOSE = object()


def read_request(stream, connection=1):
    line = stream.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body, connection)


def answer(body=b"ok", status="200 OK", **headers):
    """A whole response with the right Content-Length."""
    lines = [f"HTTP/1.1 {status}"]
    headers.setdefault("Content_Length", len(body))
    for name, value in headers.items():
        lines.append(f"{name.replace('_', '-')}: {value}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(to, status="302 Found"):
    return answer(b"", status, Location=to)


def then_close(data):
    """Send this, and end the connection."""

    def send(sock, _request):
        sock.sendall(data)
        return CLOSE

    return send


def reset(sock, _request):
    """End the connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return CLOSE


@contextlib.contextmanager
def at_most(seconds):
    """The block ends within that time, and half a second for the machine."""
    start = time.monotonic()
    yield
    spent = time.monotonic() - start
    assert spent < seconds + 0.5, f"{spent:.2f} s instead of {seconds} s"


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
