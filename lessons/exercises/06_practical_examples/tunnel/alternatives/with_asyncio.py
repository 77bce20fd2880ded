"""Two tasks on the sockets themselves; the first error ends both."""

import asyncio
import socket
from contextlib import suppress


async def carry(loop, source, sink, data=b""):
    while True:
        await loop.sock_sendall(sink, data)
        data = await loop.sock_recv(source, 65536)
        if not data:
            sink.shutdown(socket.SHUT_WR)
            return


async def serve(client, connect):
    loop = asyncio.get_running_loop()
    head = b""
    while b"\r\n\r\n" not in head:
        piece = await loop.sock_recv(client, 65536)
        if not piece:
            return
        head += piece
    head, early = head.split(b"\r\n\r\n", 1)
    try:
        method, target, _ = head.split(b"\r\n")[0].split(b" ")
        host, port = target.decode("ascii").rsplit(":", 1)
        if method != b"CONNECT" or not host or not port.isdigit():
            raise ValueError(head)
        if not 0 < int(port) < 65536:
            raise ValueError(port)
    except ValueError:
        await answer(loop, client, b"400 Bad Request")
        return
    try:
        upstream = await asyncio.to_thread(connect, host.strip("[]"), int(port))
    except OSError:
        await answer(loop, client, b"502 Bad Gateway")
        return
    with upstream:
        upstream.setblocking(False)
        await loop.sock_sendall(client, b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(carry(loop, client, upstream, early))
                group.create_task(carry(loop, upstream, client))
        except* OSError:
            with suppress(OSError):
                client.shutdown(socket.SHUT_WR)


async def answer(loop, client, status):
    await loop.sock_sendall(client, b"HTTP/1.1 " + status + b"\r\n\r\n")
    client.shutdown(socket.SHUT_WR)


def tunnel(client, connect):
    client.setblocking(False)
    with suppress(OSError):
        asyncio.run(serve(client, connect))
