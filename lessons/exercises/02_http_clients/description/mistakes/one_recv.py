import json
import socket
from urllib.parse import urlsplit


def description(url):
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 2) as sock:
        request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
        sock.sendall(request.encode())
        answer = sock.recv(4096)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 404 " in head.splitlines()[0]:
        raise OSError("not found")
    return json.loads(body)["description"]
