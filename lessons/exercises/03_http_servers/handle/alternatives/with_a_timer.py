"""A file object for the whole connection; a timer ends a head from outside."""

import contextlib
import socket
import string
import threading
from http.client import responses

from netbasics.practice import Response


def handle(sock, app):
    with contextlib.suppress(OSError), sock, sock.makefile("rb") as stream:
        while True:
            try:
                response, more = serve(sock, stream, app)
            except EOFError:
                return
            except ValueError:
                response, more = Response(400, [], b""), False
            headers = [*response.headers]
            headers.append(("Content-Length", len(response.body)))
            if not more:
                headers.append(("Connection", "close"))
            head = f"HTTP/1.1 {response.status} {responses[response.status]}"
            for name, value in headers:
                head += f"\r\n{name}: {value}"
            sock.sendall(head.encode("latin-1") + b"\r\n\r\n" + response.body)
            if not more:
                return


def read_head(sock, stream):
    """Return its lines; the last is not complete if it took too long."""
    late = threading.Event()

    def end():
        late.set()
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RD)

    timer = threading.Timer(2, end)
    timer.start()
    try:
        lines = [stream.readline(20_000)]
        while lines[-1].endswith(b"\r\n") and lines[-1] != b"\r\n":
            lines.append(stream.readline(20_000))
    finally:
        timer.cancel()
    return lines, late.is_set() and any(lines)


def serve(sock, stream, app):
    lines, late = read_head(sock, stream)
    if lines[-1] != b"\r\n":
        if late:
            return Response(408, [], b""), False
        raise EOFError
    method, target, version = lines[0][:-2].decode("latin-1").split(" ")
    if version != "HTTP/1.1" or not method or not target:
        raise ValueError
    headers = [pair(line.decode("latin-1")) for line in lines[1:-1]]
    body = read_body(stream, headers)
    try:
        response = app(method, target, headers, body)
    except Exception:
        return Response(500, [], b""), False
    wishes = [v.lower() for n, v in headers if n.lower() == "connection"]
    return response, "close" not in wishes


def pair(line):
    name, value = line.split(":", 1)
    if not name or set(name) & {" ", "\t"}:
        raise ValueError
    return name, value.strip()


def read_body(stream, headers):
    def all_of(wanted):
        return [value for name, value in headers if name.lower() == wanted]

    match all_of("content-length"), all_of("transfer-encoding"):
        case [], []:
            return b""
        case [length, *others], []:
            if others or set(length) - set(string.digits):
                raise ValueError
            return exactly(stream, int(length))
        case [], [coding] if coding.lower() == "chunked":
            return b"".join(chunks(stream))
        case _:
            raise ValueError


def exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def full_line(stream):
    line = stream.readline(20_000)
    if not line.endswith(b"\r\n"):
        raise EOFError
    return line[:-2]


def chunks(stream):
    while True:
        size = full_line(stream).partition(b";")[0].decode("latin-1")
        if set(size) - set(string.hexdigits):
            raise ValueError
        if int(size, 16) == 0:
            break
        yield exactly(stream, int(size, 16))
        if exactly(stream, 2) != b"\r\n":
            raise ValueError
    while full_line(stream):
        pass
