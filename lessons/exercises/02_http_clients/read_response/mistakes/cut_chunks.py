import re

from netbasics.practice import Response


def read_exactly(file, count):
    data = b""
    while len(data) < count:
        piece = file.read(count - len(data))
        if not piece:
            raise EOFError("closed too early")
        data += piece
    return data


def read_line(file, limit=65536):
    line = file.readline(limit + 1)
    if len(line) > limit:
        raise ValueError("the head is too long")
    if not line.endswith(b"\n"):
        raise EOFError("closed in a line")
    return line.decode("latin-1").rstrip("\r\n")


def read_head(file):
    left = 65536
    line = read_line(file, left)
    match = re.match(r"HTTP/1\.\d (\d{3})( |$)", line)
    if not match:
        raise ValueError("not HTTP")
    status = int(match[1])
    headers = []
    while True:
        left -= len(line) + 2
        line = read_line(file, left)
        if not line:
            break
        if ":" not in line:
            raise ValueError("no header")
        name, value = line.split(":", 1)
        headers.append((name, value.strip()))
    return status, headers


def read_chunks(file):
    body = b""
    while True:
        text = file.readline().decode().strip().split(";")[0]
        if not text:
            return body
        if not re.fullmatch("[0-9a-fA-F]+", text):
            raise ValueError("no chunk size")
        size = int(text, 16)
        if size == 0:
            break
        body += read_exactly(file, size)
        if read_exactly(file, 2) != b"\r\n":
            raise ValueError("no CRLF after the chunk")
    while read_line(file):
        pass
    return body


def read_response(sock):
    file = sock.makefile("rb", buffering=0)
    status, headers = read_head(file)
    while status < 200:
        status, headers = read_head(file)
    fields = {name.lower(): value for name, value in headers}
    length = fields.get("content-length")
    coding = fields.get("transfer-encoding")
    if length is not None and coding is not None:
        raise ValueError("length and coding")
    lengths = {v for n, v in headers if n.lower() == "content-length"}
    if len(lengths) > 1:
        raise ValueError("lengths that differ")
    if coding is not None and coding.lower() != "chunked":
        raise ValueError("unknown coding")
    if status in (204, 304):
        return Response(status, headers, b"")
    if coding is not None:
        body = read_chunks(file)
    elif length is not None:
        if not re.fullmatch("[0-9]+", length):
            raise ValueError("no length")
        body = read_exactly(file, int(length))
    else:
        body = file.read()
    return Response(status, headers, body)
