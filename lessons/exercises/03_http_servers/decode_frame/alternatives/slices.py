"""Unmask each fourth byte with a table, all that share a byte of the key."""

import io

from netbasics.practice import Frame


def decode_frame(buffer):
    stream = io.BytesIO(buffer)

    def number(count):
        data = stream.read(count)
        if len(data) < count:
            raise EOFError
        return int.from_bytes(data, "big")

    try:
        head = number(2)
        if head & 0x80 == 0:
            raise ValueError("clients must mask")
        length = head & 0x7F
        if length > 125:
            length = number(2 if length == 126 else 8)
        if length > 2**20:
            raise ValueError("more than 1 MiB")
        key = number(4).to_bytes(4, "big")
    except EOFError:
        return None
    payload = bytearray(stream.read(length))
    if len(payload) < length:
        return None
    for position, byte in enumerate(key):
        table = bytes(byte ^ each for each in range(256))
        payload[position::4] = payload[position::4].translate(table)
    fin, opcode = bool(head >> 15), head >> 8 & 15
    return Frame(fin, opcode, bytes(payload), stream.tell())
