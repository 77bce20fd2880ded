"""Collect until the server closes, then decode once."""

import socket


def greeting(address: tuple[str, int]) -> str:
    data = bytearray()
    with socket.create_connection(address, timeout=5) as sock:
        while piece := sock.recv(4096):
            data += piece
    return data.decode()
