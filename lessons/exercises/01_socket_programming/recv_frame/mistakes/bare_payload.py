import struct


def recv_frame(sock, limit):
    header = b""
    while len(header) < 4:
        piece = sock.recv(4 - len(header))
        if not piece:
            raise EOFError("closed")
        header += piece
    (size,) = struct.unpack(">I", header)
    if size > limit:
        raise ValueError("too large")
    return sock.recv(size)
