def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data
