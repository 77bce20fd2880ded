import select
import socket
from contextlib import suppress

END = b"\r\n\r\n"


def tunnel(client, connect):
    client.settimeout(None)
    with suppress(OSError):
        head, early = read_head(client)
        if head is None:
            return
        target = parse(head)
        if target is None:
            refuse(client, "400 Bad Request")
            return
        try:
            upstream = connect(*target)
        except OSError:
            refuse(client, "502 Bad Gateway")
            return
        with upstream:
            upstream.settimeout(None)
            try:
                relay(client, upstream, early)
            except OSError:
                client.shutdown(socket.SHUT_RDWR)


def read_head(client):
    data = b""
    while END not in data:
        piece = client.recv(4096)
        if not piece:
            return None, b""
        data += piece
    head, _, early = data.partition(END)
    return head, early


def parse(head):
    line = head.decode("latin-1").split("\r\n")[0]
    method, _, rest = line.partition(" ")
    host, _, port = rest.partition(" ")[0].rpartition(":")
    digits = port.isascii() and port.isdecimal() and len(port) < 10
    if method != "CONNECT" or not host or not digits:
        return None
    if not 1 <= int(port) <= 65535:
        return None
    return host.removeprefix("[").removesuffix("]"), int(port)


def refuse(client, status):
    client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
    client.shutdown(socket.SHUT_WR)


def relay(client, upstream, early):
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    upstream.sendall(early)
    other = {client: upstream, upstream: client}
    open_ends = {client, upstream}
    while open_ends:
        for source in select.select(list(open_ends), [], [])[0]:
            data = source.recv(65536)
            if data:
                other[source].sendall(data)
            else:
                other[source].shutdown(socket.SHUT_WR)
                open_ends.remove(source)
