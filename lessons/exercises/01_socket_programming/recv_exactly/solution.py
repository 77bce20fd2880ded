"""Read into one buffer until it is full."""

import socket


def recv_exactly(sock: socket.socket, count: int) -> bytes:
    if count < 0:
        raise ValueError(f"count is {count}; it cannot be negative")
    data = bytearray(count)
    view = memoryview(data)
    got = 0
    while got < count:
        size = sock.recv_into(view[got:])
        if not size:
            raise EOFError(f"got {got} of {count} bytes, then the peer closed")
        got += size
    return bytes(data)
