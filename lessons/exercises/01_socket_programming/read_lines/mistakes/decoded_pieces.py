def read_lines(sock, max_length):
    rest = ""
    while piece := sock.recv(1024):
        rest += piece.decode()
        while "\n" in rest:
            line, rest = rest.split("\n", 1)
            yield line.removesuffix("\r")
        if len(rest) > max_length + 1:
            raise ValueError("line too long")
    if rest:
        yield rest
