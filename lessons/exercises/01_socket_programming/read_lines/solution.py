"""Keep what has no LF yet, and look at its length after each piece."""

import socket
from collections.abc import Iterator


def read_lines(sock: socket.socket, max_length: int) -> Iterator[str]:
    rest = b""
    while piece := sock.recv(4096):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield decoded(line.removesuffix(b"\r"), max_length)
        # A CR at the end may be half of a CRLF, which does not count.
        if len(rest.removesuffix(b"\r")) > max_length:
            raise too_long(max_length)
        if len(rest) > max_length + 1:
            raise too_long(max_length)
    if rest:
        yield decoded(rest, max_length)


def decoded(line: bytes, max_length: int) -> str:
    if len(line) > max_length:
        raise too_long(max_length)
    return line.decode()


def too_long(max_length: int) -> ValueError:
    return ValueError(f"a line is longer than {max_length} bytes")
