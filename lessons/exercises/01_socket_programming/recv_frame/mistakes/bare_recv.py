import struct


def recv_frame(sock, limit):
    (size,) = struct.unpack(">I", sock.recv(4))
    if size > limit:
        raise ValueError("too large")
    return sock.recv(size)
