"""A file object has a `readline` with a limit."""


def read_lines(sock, max_length):
    with sock.makefile("rb") as file:
        while line := file.readline(max_length + 1):
            if len(line) > max_length and line.endswith(b"\r"):
                line += file.readline(1)
            if line.endswith(b"\r\n"):
                line = line[:-2]
            elif line.endswith(b"\n"):
                line = line[:-1]
            if len(line) > max_length:
                raise ValueError("line too long")
            yield str(line, "utf-8")
