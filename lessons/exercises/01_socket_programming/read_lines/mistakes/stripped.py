def read_lines(sock, max_length):
    rest = b""
    while piece := sock.recv(1024):
        rest += piece
        while b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            line = line.strip()
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line.decode()
        if len(rest.rstrip()) > max_length:
            raise ValueError("line too long")
    if rest:
        yield rest.decode()
