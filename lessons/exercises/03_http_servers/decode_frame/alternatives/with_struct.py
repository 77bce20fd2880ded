"""struct for the numbers, and an exception for `not yet`."""

import struct
from itertools import cycle

from netbasics.practice import Frame


def decode_frame(buffer):
    try:
        bits, size = struct.unpack_from("!BB", buffer)
        if size < 128:
            raise ValueError("no mask")
        size -= 128
        start = 2
        if size == 126:
            (size,) = struct.unpack_from("!H", buffer, 2)
            start = 4
        elif size == 127:
            (size,) = struct.unpack_from("!Q", buffer, 2)
            start = 10
        if size > 1024 * 1024:
            raise ValueError("too large")
        key, body = struct.unpack_from(f"!4s{size}s", buffer, start)
    except struct.error:
        return None
    payload = bytes(a ^ b for a, b in zip(body, cycle(key), strict=False))
    return Frame(bits >= 128, bits % 16, payload, start + 4 + size)
