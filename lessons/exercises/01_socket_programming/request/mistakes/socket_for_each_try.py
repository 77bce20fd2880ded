import os
import socket


def ask(address, datagram, timeout):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.sendto(datagram, address)
        while True:
            reply, sender = sock.recvfrom(65535)
            if sender == address and reply[:4] == datagram[:4]:
                return reply[4:]


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    for _ in range(tries):
        try:
            return ask(address, ident + data, timeout)
        except TimeoutError:
            pass
    raise TimeoutError
