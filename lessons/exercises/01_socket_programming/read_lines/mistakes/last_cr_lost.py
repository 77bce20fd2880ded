def read_lines(sock, max_length):
    with sock.makefile("rb") as file:
        while line := file.readline(max_length + 1):
            if len(line) > max_length and line.endswith(b"\r"):
                line += file.readline(1)
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line.decode()
