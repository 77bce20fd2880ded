import socket
import time
from urllib.parse import urlsplit


def get(url, total):
    end = time.monotonic() + total
    parts = urlsplit(url)
    address = (parts.hostname, parts.port)
    with socket.create_connection(address, total) as sock:
        request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
        sock.sendall(request.encode())
        data = b""
        while True:
            sock.settimeout(max(0.001, end - time.monotonic()))
            piece = sock.recv(4096)
            if not piece:
                break
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    if int(head.split()[1]) >= 400:
        raise OSError("failed")
    return body
