def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data
