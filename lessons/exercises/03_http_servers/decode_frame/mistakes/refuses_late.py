from netbasics.practice import Frame


def decode_frame(buffer):
    if len(buffer) < 2:
        return None
    fin = bool(buffer[0] & 0x80)
    opcode = buffer[0] & 0x0F
    masked = buffer[1] & 0x80
    length = buffer[1] & 0x7F
    start = 2
    if length == 126:
        if len(buffer) < 4:
            return None
        length = int.from_bytes(buffer[2:4], "big")
        start = 4
    elif length == 127:
        if len(buffer) < 10:
            return None
        length = int.from_bytes(buffer[2:10], "big")
        start = 10
    end = start + (4 if masked else 0) + length
    if len(buffer) < end:
        return None
    if length > 2**20 or not masked:
        raise ValueError("refused")
    key = buffer[start : start + 4]
    data = buffer[start + 4 : end]
    payload = bytes(b ^ key[i % 4] for i, b in enumerate(data))
    return Frame(fin, opcode, payload, end)
