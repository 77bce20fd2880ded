"""MSG_WAITALL is right in a loop: it is a hint, and no promise."""

import socket


def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("count must be 0 or more")
    data = b""
    while len(data) != count:
        piece = sock.recv(count - len(data), socket.MSG_WAITALL)
        if not piece:
            raise EOFError(len(data), count)
        data += piece
    return data
