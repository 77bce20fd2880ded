"""Read the header field by field; the payload as one large number."""

from netbasics.practice import Frame

MOST = 1 << 20
WIDER = {126: 2, 127: 8}  # bytes of a length that does not fit into 7 bits


def decode_frame(buffer: bytes) -> Frame | None:
    if len(buffer) < 2:
        return None
    first, second = buffer[:2]
    if not second & 0x80:
        raise ValueError("the frame is not masked; a client must mask")
    length, at = second & 0x7F, 2
    if length in WIDER:
        at += WIDER[length]
        if len(buffer) < at:
            return None
        length = int.from_bytes(buffer[2:at], "big")
    if length > MOST:
        raise ValueError(f"{length:,} bytes of payload; at most {MOST:,}")
    end = at + 4 + length
    if len(buffer) < end:
        return None
    payload = unmask(buffer[at : at + 4], buffer[at + 4 : end])
    return Frame(bool(first & 0x80), first & 0x0F, payload, end)


def unmask(key: bytes, data: bytes) -> bytes:
    # One operation on large numbers instead of one for each byte.
    keys = (key * (len(data) // 4 + 1))[: len(data)]
    number = int.from_bytes(data, "big") ^ int.from_bytes(keys, "big")
    return number.to_bytes(len(data), "big")
