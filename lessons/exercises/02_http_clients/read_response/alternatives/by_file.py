"""A file of the socket without a buffer takes no byte too many."""

import re

from netbasics.practice import Response

LIMIT = 64 * 1024


class Reader:
    def __init__(self, sock):
        self.file = sock.makefile("rb", buffering=0)

    def line(self, limit=LIMIT):
        data = self.file.readline(limit + 1)
        if len(data) > limit:
            raise ValueError("the head is too long")
        if not data.endswith(b"\n"):
            raise EOFError("closed in the middle of a line")
        return data.rstrip(b"\r\n").decode("latin-1")

    def exactly(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.file.read(count - len(data))
            if not piece:
                raise EOFError(f"got {len(data)} of {count} bytes")
            data += piece
        return bytes(data)


def head(reader):
    lines = []
    size = 0
    while not lines or lines[-1]:
        lines.append(reader.line(LIMIT - size))
        size += len(lines[-1]) + 2
        if len(lines) == 1:
            match = re.match(r"HTTP/1\.\d (\d{3})( |$)", lines[0])
            if match is None:
                raise ValueError(f"not HTTP: {lines[0]!r}")
    headers = []
    for line in lines[1:-1]:
        if ":" not in line:
            raise ValueError(f"no colon: {line!r}")
        name, value = line.split(":", 1)
        headers.append((name, value.strip()))
    return int(match[1]), headers


def chunks(reader):
    body = b""
    while True:
        size = reader.line().split(";")[0]
        if re.fullmatch("[0-9A-Fa-f]+", size) is None:
            raise ValueError(f"chunk size {size!r}")
        if int(size, 16) == 0:
            break
        body += reader.exactly(int(size, 16))
        if reader.exactly(2) != b"\r\n":
            raise ValueError("no CRLF after a chunk")
    while reader.line():
        continue
    return body


def read_response(sock):
    reader = Reader(sock)
    with reader.file:
        status = 100
        while status < 200:
            status, headers = head(reader)
        fields = [(name.lower(), value) for name, value in headers]
        lengths = [v for n, v in fields if n == "content-length"]
        codings = [v.lower() for n, v in fields if n == "transfer-encoding"]
        for length in lengths:
            if not (length.isascii() and length.isdigit()):
                raise ValueError(f"length {length!r}")
        if len(set(lengths)) > 1 or (lengths and codings):
            raise ValueError("two readers would read it differently")
        if codings and codings != ["chunked"]:
            raise ValueError(f"coding {codings}")
        if status in (204, 304):
            body = b""
        elif codings:
            body = chunks(reader)
        elif lengths:
            body = reader.exactly(int(lengths[0]))
        else:
            body = reader.file.readall()
        return Response(status, headers, body)
