"""An unconnected socket, select, and ids that count."""

import itertools
import select
import socket
import time

numbers = itertools.count(1)


def request(address, data, tries, timeout):
    ident = next(numbers).to_bytes(4, "little")
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        for _ in range(tries):
            sock.sendto(ident + data, address)
            end = time.monotonic() + timeout
            while (left := end - time.monotonic()) > 0:
                if not select.select([sock], [], [], left)[0]:
                    break
                reply, sender = sock.recvfrom(65536)
                if sender == address and reply[:4] == ident:
                    return reply[4:]
    raise TimeoutError("nobody answered")
