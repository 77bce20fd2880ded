def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def recv_frame(sock, limit):
    header = exactly(sock, 4)
    if len(header) < 4:
        raise EOFError("closed")
    size = int.from_bytes(header, "big")
    if size > limit:
        raise ValueError("too large")
    return exactly(sock, size)
