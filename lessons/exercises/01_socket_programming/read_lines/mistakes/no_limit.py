def read_lines(sock, max_length):
    with sock.makefile("rb") as file:
        for line in file:
            if line.endswith(b"\r\n"):
                line = line[:-2]
            elif line.endswith(b"\n"):
                line = line[:-1]
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line.decode()
