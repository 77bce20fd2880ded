import struct


def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("closed")
        data += piece
    return data


def recv_frame(sock, limit):
    (size,) = struct.unpack(">i", exactly(sock, 4))
    if size > limit:
        raise ValueError("too large")
    return exactly(sock, size)
