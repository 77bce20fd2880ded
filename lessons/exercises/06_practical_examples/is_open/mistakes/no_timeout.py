import socket


def is_open(host, port):
    try:
        socket.create_connection((host, port)).close()
    except OSError:
        return False
    return True
