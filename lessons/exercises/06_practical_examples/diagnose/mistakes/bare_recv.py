import socket
import ssl

from netbasics.practice import Cause


def diagnose(host, port):
    try:
        with socket.create_connection((host, port), timeout=2) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            data = sock.recv(1024)
    except ConnectionRefusedError:
        return Cause.REFUSED
    except TimeoutError:
        return Cause.TIMEOUT
    except ConnectionError:
        data = None
    if data and data.startswith(b"HTTP/"):
        return Cause.HEALTHY
    context = ssl._create_unverified_context()
    try:
        with socket.create_connection((host, port), timeout=1) as sock:
            context.wrap_socket(sock, server_hostname=host)
        return Cause.TLS
    except OSError:
        return Cause.RESET if data is None else Cause.NOT_HTTP
