def exactly(sock, count):
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data


def recv_frame(sock, limit):
    size = int.from_bytes(exactly(sock, 4), "big")
    if size > limit:
        raise ValueError("too large")
    return exactly(sock, size)
