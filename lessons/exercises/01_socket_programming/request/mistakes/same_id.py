import socket
import time


def request(address, data, tries, timeout):
    ident = (1).to_bytes(4, "big")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(tries):
            end = time.monotonic() + timeout
            try:
                sock.send(ident + data)
                while (left := end - time.monotonic()) > 0:
                    sock.settimeout(left)
                    reply = sock.recv(65535)
                    if reply[:4] == ident:
                        return reply[4:]
            except (TimeoutError, ConnectionRefusedError):
                continue
    raise TimeoutError
