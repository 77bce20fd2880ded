def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("closed")
        data += piece
    return data


def recv_frame(sock, limit):
    first = sock.recv(1)
    if not first:
        return b""
    size = int.from_bytes(first + exactly(sock, 3), "big")
    if size > limit:
        raise ValueError("too large")
    return exactly(sock, size)
