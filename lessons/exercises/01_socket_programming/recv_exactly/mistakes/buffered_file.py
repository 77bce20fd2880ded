def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    file = sock.makefile("rb")
    data = file.read(count)
    if len(data) < count:
        raise EOFError(f"{len(data)} of {count} bytes")
    return data
