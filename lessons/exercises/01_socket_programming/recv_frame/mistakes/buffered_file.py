def recv_frame(sock, limit):
    file = sock.makefile("rb")
    header = file.read(4)
    if len(header) < 4:
        raise EOFError("closed")
    size = int.from_bytes(header, "big")
    if size > limit:
        raise ValueError("too large")
    payload = file.read(size)
    if len(payload) < size:
        raise EOFError("closed")
    return payload
