"""Into buffers of the right size, with `recv_into`."""

import struct


def fill(sock, view):
    while view:
        got = sock.recv_into(view)
        if got == 0:
            raise EOFError("the peer closed inside a frame")
        view = view[got:]


def recv_frame(sock, limit):
    head = bytearray(4)
    fill(sock, memoryview(head))
    size = struct.unpack(">L", head)[0]
    if size > limit:
        raise ValueError("frame too large")
    payload = bytearray(size)
    fill(sock, memoryview(payload))
    return bytes(payload)
