def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    data = b""
    while count > 0:
        piece = sock.recv(count)
        if not piece:
            raise EOFError(f"got {len(piece)} bytes, wanted {count}")
        data += piece
        count -= len(piece)
    return data
