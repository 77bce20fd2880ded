import os
import socket
import time


def request(address, data, tries, timeout):
    ident = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(tries):
            end = time.monotonic() + timeout
            sock.send(ident + data)
            try:
                while (left := end - time.monotonic()) > 0:
                    sock.settimeout(left)
                    reply = sock.recv(65535)
                    if reply[:4] == ident:
                        return reply[4:]
            except TimeoutError:
                continue
    raise TimeoutError
