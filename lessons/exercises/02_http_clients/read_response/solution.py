"""Look before taking: peek for the end of a line, then take up to it."""

import re
import socket

from netbasics.practice import Response

MOST_HEAD = 65_536


def read_response(sock: socket.socket) -> Response:
    while True:
        status, headers = read_head(sock)
        if status >= 200:
            return Response(status, headers, read_body(sock, status, headers))


def read_head(sock: socket.socket) -> tuple[int, list[tuple[str, str]]]:
    line = read_line(sock, MOST_HEAD)
    first = re.fullmatch(r"HTTP/1\.[0-9] ([0-9]{3})( .*)?", line)
    if not first:
        raise ValueError(f"{line[:80]!r} is no status line of HTTP/1.x")
    left = MOST_HEAD - len(line) - 2
    headers = []
    while line := read_line(sock, left):
        left -= len(line) + 2
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"{line[:80]!r} is no header: it has no colon")
        headers.append((name, value.strip(" \t")))
    return int(first[1]), headers


def read_body(sock: socket.socket, status: int, headers) -> bytes:
    codings = [v.lower() for n, v in headers if n.lower() == BY_CHUNKS]
    lengths = {v for n, v in headers if n.lower() == BY_LENGTH}
    if codings and lengths:
        raise ValueError("both a length and a transfer coding")
    if codings and codings != ["chunked"]:
        raise ValueError(f"the transfer coding {codings} is not known")
    if len(lengths) > 1:
        raise ValueError(f"lengths that differ: {sorted(lengths)}")
    length = number(lengths.pop(), "[0-9]+", 10) if lengths else None
    if status in (204, 304):
        return b""
    if codings:
        return b"".join(read_chunks(sock))
    if length is not None:
        return read_exactly(sock, length)
    return b"".join(iter(lambda: sock.recv(65_536), b""))


BY_CHUNKS, BY_LENGTH = "transfer-encoding", "content-length"


def read_chunks(sock: socket.socket):
    while True:
        size, _, _extensions = read_line(sock, MOST_HEAD).partition(";")
        count = number(size, "[0-9a-fA-F]+", 16)
        if not count:
            break
        yield read_exactly(sock, count)
        if read_exactly(sock, 2) != b"\r\n":
            raise ValueError("a chunk is longer than its size says")
    while read_line(sock, MOST_HEAD):
        pass  # trailers


def number(text: str, digits: str, base: int) -> int:
    # `int` would also take "+5", "5_0" and " 5".
    if not re.fullmatch(digits, text):
        raise ValueError(f"{text[:80]!r} is no size")
    return int(text, base)


def read_line(sock: socket.socket, limit: int) -> str:
    """Return a line without its CRLF; nothing behind it is taken."""
    line = b""
    while not line.endswith(b"\n"):
        if len(line) >= limit:
            raise ValueError(f"more than {MOST_HEAD} bytes without an end")
        seen = sock.recv(min(4096, limit - len(line)), socket.MSG_PEEK)
        line += read_exactly(sock, seen.find(b"\n") + 1 or len(seen) or 1)
    return line.decode("latin-1").removesuffix("\n").removesuffix("\r")


def read_exactly(sock: socket.socket, count: int) -> bytes:
    pieces = []
    while count:
        piece = sock.recv(min(count, 65_536))
        if not piece:
            raise EOFError(f"the peer closed {count} bytes before the end")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
