"""Plain HTTP, then TLS, within one deadline."""

import re
import socket
import ssl
import time
from collections.abc import Callable

from netbasics.practice import Cause

STATUS_LINE = re.compile(rb"HTTP/1\.[01] \d{3}[ \r\n]")


def diagnose(host: str, port: int) -> Cause:
    end = time.monotonic() + 2

    def left() -> float:
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    cause = ask_in_plain(host, port, left)
    if cause in (Cause.RESET, Cause.NOT_HTTP) and speaks_tls(host, port, left):
        return Cause.TLS
    return cause


def ask_in_plain(host: str, port: int, left: Callable[[], float]) -> Cause:
    try:
        with socket.create_connection((host, port), timeout=left()) as sock:
            request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"
            sock.sendall(request.encode())
            line = first_line(sock, left)
    except ConnectionRefusedError:
        return Cause.REFUSED
    except TimeoutError:
        return Cause.TIMEOUT
    except ConnectionError:
        return Cause.RESET
    return Cause.HEALTHY if STATUS_LINE.match(line) else Cause.NOT_HTTP


def first_line(sock: socket.socket, left: Callable[[], float]) -> bytes:
    """Read up to the first line's end, or until it cannot be HTTP."""
    data = b""
    while b"\n" not in data and b"HTTP/1."[: len(data)] == data[:7]:
        sock.settimeout(left())
        piece = sock.recv(1024)
        if not piece:
            break
        data += piece
    return data if b"\n" in data else b""


def speaks_tls(host: str, port: int, left: Callable[[], float]) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), timeout=left()) as sock:
            sock.settimeout(left())
            context.wrap_socket(sock).close()
    except OSError:  # also ssl.SSLError and TimeoutError
        return False
    return True
