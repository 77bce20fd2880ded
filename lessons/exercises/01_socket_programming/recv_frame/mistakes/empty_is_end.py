def exactly(sock, count):
    data = b""
    while True:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("closed")
        data += piece
        if len(data) == count:
            return data


def recv_frame(sock, limit):
    size = int.from_bytes(exactly(sock, 4), "big")
    if size > limit:
        raise ValueError("too large")
    return exactly(sock, size)
