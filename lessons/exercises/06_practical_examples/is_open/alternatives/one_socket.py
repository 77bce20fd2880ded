"""One socket and `connect_ex`, which returns an error's number."""

import socket


def is_open(host, port):
    with socket.socket() as sock:
        sock.settimeout(1)
        try:
            return sock.connect_ex((host, port)) == 0
        except (TimeoutError, socket.gaierror):
            return False
