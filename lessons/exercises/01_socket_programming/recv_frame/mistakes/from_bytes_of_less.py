def recv_frame(sock, limit):
    size = int.from_bytes(sock.recv(4), "big")
    if size > limit:
        raise ValueError("too large")
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError("closed")
        data += piece
    return data
