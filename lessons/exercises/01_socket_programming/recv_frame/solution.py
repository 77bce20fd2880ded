"""Two exact reads, and the size is looked at in between."""

import socket


def recv_frame(sock: socket.socket, limit: int) -> bytes:
    size = int.from_bytes(recv_exactly(sock, 4), "big")
    if size > limit:
        raise ValueError(f"a frame of {size:,} bytes; {limit:,} are allowed")
    return recv_exactly(sock, size)


def recv_exactly(sock: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(min(count - len(data), 65_536))
        if not piece:
            raise EOFError(f"got {len(data)} of {count} bytes")
        data += piece
    return bytes(data)
