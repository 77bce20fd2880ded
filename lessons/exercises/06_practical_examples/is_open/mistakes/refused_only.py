import socket


def is_open(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
        return True
    except (ConnectionRefusedError, TimeoutError):
        return False
