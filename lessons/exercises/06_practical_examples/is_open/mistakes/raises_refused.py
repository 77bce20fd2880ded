import socket


def is_open(host, port):
    sock = socket.socket()
    sock.settimeout(1)
    try:
        sock.connect((host, port))
    except TimeoutError:
        return False
    sock.close()
    return True
