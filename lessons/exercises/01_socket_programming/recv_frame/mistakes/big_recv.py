def recv_frame(sock, limit):
    data = b""
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        piece = sock.recv(4096)
        if not piece:
            raise EOFError("closed")
        data += piece
        if len(data) >= 4 and int.from_bytes(data[:4], "big") > limit:
            raise ValueError("too large")
    size = int.from_bytes(data[:4], "big")
    return data[4 : 4 + size]
