def read_lines(sock, max_length):
    while piece := sock.recv(1024):
        for line in piece.decode().splitlines():
            if len(line) > max_length:
                raise ValueError("line too long")
            yield line
