import os
import socket


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        sock.settimeout(timeout)
        for _ in range(tries):
            try:
                sock.send(ident + data)
                return sock.recv(65535)[4:]
            except (TimeoutError, ConnectionRefusedError):
                pass
    raise TimeoutError
