import os
import socket


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        for _ in range(tries):
            sock.sendto(ident + data, address)
            try:
                reply, sender = sock.recvfrom(65535)
            except TimeoutError:
                continue
            if sender == address and reply[:4] == ident:
                return reply[4:]
    raise TimeoutError
