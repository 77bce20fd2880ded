def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    data = b""
    while len(data) < count:
        piece = sock.recv(1024)
        if not piece:
            raise EOFError(f"got {len(data)} of {count} bytes")
        data += piece
    return data[:count]
