def read_lines(sock, max_length):
    rest = b""
    while piece := sock.recv(1024):
        rest += piece
        while b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            line = line.removesuffix(b"\r")
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line.decode()
        if len(rest) > max_length + (rest[-1:] == b"\r"):
            raise ValueError("line too long")
    if rest:
        yield rest.decode()
