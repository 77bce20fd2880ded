def read_lines(sock, max_length):
    rest = b""
    while piece := sock.recv(1024):
        rest += piece
        if b"\n" not in rest:
            if len(rest) > max_length + 1:
                raise ValueError("line too long")
            continue
        whole, rest = rest.rsplit(b"\n", 1)
        for line in (whole + b"\n").decode().splitlines():
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line
    if rest:
        yield rest.decode()
