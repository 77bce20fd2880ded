import socket


def is_open(host, port):
    try:
        with socket.create_connection((host, port), timeout=1) as sock:
            return bool(sock.recv(1))
    except OSError:
        return False
