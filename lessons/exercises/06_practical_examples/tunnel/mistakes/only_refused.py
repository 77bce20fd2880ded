import socket
import threading
from contextlib import suppress

END = b"\r\n\r\n"


def tunnel(client, connect):
    client.settimeout(None)
    with suppress(ConnectionError):
        head, early = read_head(client)
        if head is None:
            return
        target = parse(head)
        if target is None:
            refuse(client, "400 Bad Request")
            return
        try:
            upstream = connect(*target)
        except ConnectionError:
            refuse(client, "502 Bad Gateway")
            return
        with upstream:
            upstream.settimeout(None)
            relay(client, upstream, early)


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
    back = threading.Thread(target=carry, args=(upstream, client))
    back.start()
    carry(client, upstream, early)
    back.join()


def carry(source, sink, early=b""):
    try:
        sink.sendall(early)
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for sock in (source, sink):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
