import os
import socket
import time


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for retry in range(tries + 1):
            if retry == tries:
                timeout = 0.001
            sock.sendto(ident + data, address)
            end = time.monotonic() + timeout
            while (left := end - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    reply, sender = sock.recvfrom(65535)
                except TimeoutError:
                    break
                if sender == address and reply[:4] == ident:
                    return reply[4:]
    raise TimeoutError
