import socket

from netbasics.practice import Response


def read_response(sock):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise EOFError("closed in the head")
        head += byte
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    fields = {name.lower(): value for name, value in headers}
    length = int(fields["content-length"])
    body = sock.recv(length, socket.MSG_WAITALL)
    if len(body) < length:
        raise EOFError("closed in the body")
    return Response(int(first.split()[1]), headers, body)
