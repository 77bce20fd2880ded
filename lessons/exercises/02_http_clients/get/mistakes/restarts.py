import socket
import time
from urllib.parse import urlsplit


def receive(sock, end):
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("too late")
    sock.settimeout(left)
    piece = sock.recv(65536)
    if not piece:
        raise EOFError("the answer was cut short")
    return piece


def read_head(sock, total):
    end = time.monotonic() + total
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock, end)
    return data.split(b"\r\n\r\n", 1)


def read_body(sock, body, length, total):
    end = time.monotonic() + total
    while len(body) < length:
        body += receive(sock, end)
    return body


def get(url, total):
    parts = urlsplit(url)
    address = (parts.hostname, parts.port)
    with socket.create_connection(address, total) as sock:
        request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
        sock.sendall(request.encode())
        head, body = read_head(sock, total)
        status, *lines = head.decode().lower().split("\r\n")
        if int(status.split()[1]) >= 400:
            raise OSError(status)
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers["content-length"])
        return read_body(sock, body, length, total)
