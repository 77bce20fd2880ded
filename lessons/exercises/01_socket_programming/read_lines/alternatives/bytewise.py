"""One byte at a time: slow, and easy to follow."""


def read_lines(sock, max_length):
    line = bytearray()
    while byte := sock.recv(1):
        if byte == b"\n":
            if line.endswith(b"\r"):
                del line[-1]
            check_length(line, max_length)
            yield line.decode()
            line.clear()
            continue
        line += byte
        if not (byte == b"\r" and len(line) == max_length + 1):
            check_length(line, max_length)
    check_length(line, max_length)
    if line:
        yield line.decode()


def check_length(line, max_length):
    if len(line) > max_length:
        raise ValueError(f"{len(line)} bytes, {max_length} allowed")
