def read_lines(sock, max_length):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        if line.endswith(b"\r"):
            line = line[:-1]
        if len(line) > max_length:
            raise ValueError("line too long")
        yield line.decode()
