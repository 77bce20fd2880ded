def read_lines(sock, max_length):
    rest = b""
    while piece := sock.recv(1024):
        rest += piece
        if len(rest) > max_length + 2:
            raise ValueError("line too long")
        while b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            yield line.removesuffix(b"\r").decode()
    if rest:
        yield rest.decode()
