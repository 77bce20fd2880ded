"""A thread for each connection, which looks at `stop` while it waits."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

from netbasics.practice import Response

App = Callable[[str, str, list[tuple[str, str]], bytes], Response]
LOOK = 0.05  # seconds between two looks at `stop`
PATIENCE = 2.0


def drain(listener: socket.socket, app: App, stop: threading.Event) -> None:
    threads: list[threading.Thread] = []
    with listener:
        listener.settimeout(LOOK)
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                sock, _ = listener.accept()
                thread = threading.Thread(target=visit, args=(sock, app, stop))
                thread.start()
                threads = [t for t in threads if t.is_alive()] + [thread]
    for thread in threads:
        thread.join()


def visit(sock: socket.socket, app: App, stop: threading.Event) -> None:
    with sock, contextlib.suppress(OSError):
        request = receive(sock, stop)
        if request is not None:
            response = app(*request)
            sock.settimeout(None)
            sock.sendall(written(response))


def receive(sock: socket.socket, stop: threading.Event):
    """Return a request, or None if it will not be complete any more."""
    data, due = b"", None
    sock.settimeout(LOOK)
    while (request := parsed(data)) is None:
        try:
            piece = sock.recv(65536)
        except TimeoutError:
            # Only now: nothing has come, and nothing is lying there.
            if stop.is_set() and not data:
                return None
        else:
            if not piece:
                return None
            data += piece
        # After each piece as well: a drip never runs into a timeout.
        if stop.is_set():
            due = due or time.monotonic() + PATIENCE
            if time.monotonic() > due:
                return None
    return request


def parsed(data: bytes):
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = []
    length = 0
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
        if name.lower() == "content-length":
            length = int(value)
    return (method, target, headers, body) if len(body) >= length else None


def written(response: Response) -> bytes:
    reason = HTTPStatus(response.status).phrase
    headers = [
        *response.headers,
        ("Content-Length", str(len(response.body))),
        ("Connection", "close"),
    ]
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join([*lines, "", ""])
    return head.encode("latin-1") + response.body
