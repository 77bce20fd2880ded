import os
import socket
import time


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(tries):
            sock.sendto(ident + data, address)
            end = time.monotonic() + timeout
            while (left := end - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    reply = sock.recv(65535)
                except TimeoutError:
                    break
                if reply[:4] == ident:
                    return reply[4:]
    raise TimeoutError
