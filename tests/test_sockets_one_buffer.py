import asyncio
import os
import socket
import threading

import pytest

from netbasics import certs
from netbasics.sockets.one_buffer import OneBuffer, new_room

pytestmark = pytest.mark.anyio


class Keeping(asyncio.Protocol, OneBuffer):
    """Keeps what came, and says when the peer has ended."""

    def __init__(self, room):
        self.room = room
        self.pieces = []
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        self.pieces.append(data)

    def connection_lost(self, error):
        self.ended.set_result(error)


async def test_connections_share_a_buffer_and_no_byte():
    room, kept = new_room(), []

    def protocol():
        kept.append(Keeping(room))
        return kept[-1]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    async with server:
        address = server.sockets[0].getsockname()
        sent = [os.urandom(300_000) for _ in range(3)]
        await asyncio.gather(*(send(address, data) for data in sent))
        async with asyncio.timeout(10):
            for each in kept:
                assert await each.ended is None
    came = [b"".join(each.pieces) for each in kept]
    assert sorted(came) == sorted(sent)
    assert all(len(p) <= len(room) for each in kept for p in each.pieces)


async def test_nothing_is_lost_inside_tls_though_the_end_comes_with_it():
    data = os.urandom(150_000)
    authority = certs.Authority()
    certificate = authority.issue("127.0.0.1")
    paused = threading.Event()
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        sending = asyncio.create_task(
            asyncio.to_thread(send_all, listener, certificate, data, paused)
        )
        # A buffer into which all of it goes, so that one read finds it all.
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.setblocking(False)
        await loop.sock_connect(sock, listener.getsockname())
        transport, protocol = await loop.create_connection(
            lambda: Keeping(memoryview(bytearray(65536))),
            sock=sock,
            ssl=authority.client_context(),
            server_hostname="127.0.0.1",
        )
        transport.pause_reading()
        paused.set()
        await sending
        transport.resume_reading()
        async with asyncio.timeout(10):
            await protocol.ended
    assert b"".join(protocol.pieces) == data


def send_all(listener, certificate, data, paused):
    sock, _ = listener.accept()
    sock.settimeout(10)
    with certificate.server_context().wrap_socket(
        sock, server_side=True
    ) as tls:
        assert paused.wait(10)
        tls.sendall(data)


async def send(address, data):
    _, writer = await asyncio.open_connection(*address)
    for at in range(0, len(data), 7_000):
        writer.write(data[at : at + 7_000])
        await writer.drain()
        await asyncio.sleep(0)  # let the others have a turn
    writer.close()
    await writer.wait_closed()
