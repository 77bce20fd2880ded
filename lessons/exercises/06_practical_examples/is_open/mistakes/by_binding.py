import socket


def is_open(host, port):
    with socket.socket() as sock:
        try:
            sock.bind((host, port))
        except OSError:
            return True
        return False
