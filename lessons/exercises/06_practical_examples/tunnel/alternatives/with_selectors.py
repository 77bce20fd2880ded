"""One thread; each direction has a small buffer of its own."""

import re
import selectors
import socket
from contextlib import suppress

MOST = 65536
LINE = re.compile(rb"CONNECT ([!-~]+):([0-9]{1,5}) HTTP/1\.[01]\r\n")


class Direction:
    def __init__(self, source, sink, data=b""):
        self.source, self.sink, self.data = source, sink, data
        self.ended = self.told = False

    def move(self, readable, writable):
        if self.source in readable and not self.data and not self.ended:
            with suppress(BlockingIOError):
                self.data = self.source.recv(MOST)
                self.ended = not self.data
        if self.data and self.sink in writable:
            with suppress(BlockingIOError):
                self.data = self.data[self.sink.send(self.data) :]
        if self.ended and not self.data and not self.told:
            self.sink.shutdown(socket.SHUT_WR)
            self.told = True


def relay(client, upstream, early):
    there = Direction(client, upstream, early)
    back = Direction(
        upstream, client, b"HTTP/1.1 200 Connection established\r\n\r\n"
    )
    while not (there.told and back.told):
        with selectors.DefaultSelector() as selector:
            for sock in (client, upstream):
                out = there if sock is client else back
                into = back if sock is client else there
                events = 0
                if not out.data and not out.ended:
                    events |= selectors.EVENT_READ
                if into.data:
                    events |= selectors.EVENT_WRITE
                if events:
                    selector.register(sock, events)
            ready = selector.select()
        readable = {k.fileobj for k, e in ready if e & selectors.EVENT_READ}
        writable = {k.fileobj for k, e in ready if e & selectors.EVENT_WRITE}
        there.move(readable, writable)
        back.move(readable, writable)


def refuse(client, status):
    client.sendall(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n")
    client.shutdown(socket.SHUT_WR)


def tunnel(client, connect):
    client.settimeout(None)
    with suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(MOST)
            if not piece:
                return
            head += piece
        found = LINE.match(head)
        if not found or not 0 < int(found[2]) < 65536:
            refuse(client, b"400 Bad Request")
            return
        host = found[1].decode("ascii").strip("[]")
        try:
            upstream = connect(host, int(found[2]))
        except OSError:
            refuse(client, b"502 Bad Gateway")
            return
        with upstream:
            try:
                client.setblocking(False)
                upstream.setblocking(False)
                relay(client, upstream, head.split(b"\r\n\r\n", 1)[1])
            except OSError:
                client.shutdown(socket.SHUT_WR)
