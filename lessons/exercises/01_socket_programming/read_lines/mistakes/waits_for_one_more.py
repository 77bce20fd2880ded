def read_lines(sock, max_length):
    file = sock.makefile("rb")
    while line := file.readline(max_length + 2):
        if line.endswith(b"\r\n"):
            line = line[:-2]
        elif line.endswith(b"\n"):
            line = line[:-1]
        if len(line) > max_length:
            raise ValueError("line too long")
        yield line.decode()
