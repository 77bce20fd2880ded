def read_lines(sock, max_length):
    for line in sock.makefile(encoding="utf-8"):
        line = line.rstrip("\n")
        if len(line) > max_length:
            raise ValueError("line too long")
        yield line
