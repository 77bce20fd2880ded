"""With the exact read of this course."""

import struct

from netbasics import sockets


def recv_frame(sock, limit):
    (size,) = struct.unpack("!I", sockets.recv_exactly(sock, 4))
    if limit < size:
        raise ValueError(f"{size} is more than {limit}")
    return sockets.recv_exactly(sock, size)
