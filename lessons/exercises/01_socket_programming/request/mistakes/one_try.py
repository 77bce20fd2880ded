import os
import socket


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.sendto(ident + data, address)
        return sock.recv(65535)[4:]
