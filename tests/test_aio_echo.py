"""The echo server on a bare asyncio protocol."""

import asyncio
import contextlib
import gc
import os
import socket
import time

import pytest

from netbasics import aio

pytestmark = pytest.mark.anyio


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def dial(server):
    reader, writer = await asyncio.open_connection(*server.address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def ask_plainly(address, data):
    """The same by bare, blocking sockets: an independent client."""
    with socket.create_connection(address, timeout=10) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := sock.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)


async def test_every_byte_comes_back():
    async with aio.EchoServer() as server:
        answer = await asyncio.to_thread(ask_plainly, server.address, b"hello")
        assert answer == b"hello"
        assert server.served == 1


async def test_many_clients_at_once_get_their_own_bytes_back():
    async with aio.EchoServer() as server:
        sent = [os.urandom(5000) for _ in range(50)]
        got = await asyncio.gather(
            *(
                asyncio.to_thread(ask_plainly, server.address, data)
                for data in sent
            )
        )
        assert got == sent
        assert server.served == 50
        await until(lambda: not server._clients)


async def test_the_tail_after_a_half_close_is_not_lost():
    data = os.urandom(3_000_000)
    async with aio.EchoServer() as server, dial(server) as (reader, writer):

        async def send():
            writer.write(data)
            await writer.drain()
            writer.write_eof()

        sending = asyncio.create_task(send())
        got = bytearray()
        while piece := await reader.read(1000):
            got += piece
            if len(got) % 300_000 < 1000:
                await asyncio.sleep(0.001)  # a slow reader
        await sending
    assert got == data


async def test_what_is_held_for_a_client_that_does_not_read_is_bounded():
    data = os.urandom(20_000_000)
    async with (
        aio.EchoServer(limit=100_000) as server,
        dial(server) as (reader, writer),
    ):
        writer.write(data)
        (client,) = await _clients(server)
        transport = client._transport
        await until(lambda: not transport.is_reading())
        await asyncio.sleep(0.1)
        assert transport.get_write_buffer_size() <= 100_000 + 256 * 1024
        # And when the client reads at last, nothing is missing.
        assert await reader.readexactly(len(data)) == data


async def _clients(server):
    await until(lambda: server._clients)
    return list(server._clients)


async def test_an_idle_client_is_cut_off_and_a_busy_one_is_not():
    async def talk(reader, writer):
        for _ in range(15):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            await asyncio.sleep(0.1)

    async with (
        aio.EchoServer(timeout=0.9) as server,
        dial(server) as idle,
        dial(server) as busy,
    ):
        start = time.monotonic()
        talking = asyncio.create_task(talk(*busy))
        with contextlib.suppress(ConnectionError):
            assert await idle[0].read() == b""
        assert 0.8 < time.monotonic() - start < 1.4
        await talking


async def test_a_client_that_stalls_is_cut_off_with_its_unsent_bytes():
    async with (
        aio.EchoServer(timeout=0.3, limit=1000) as server,
        dial(server) as (_, writer),
    ):
        writer.write(bytes(20_000_000))
        await _clients(server)
        await until(lambda: not server._clients, 5)
        writer.transport.abort()


async def test_a_slow_reader_that_makes_progress_is_left_alone():
    data = os.urandom(1_000_000)
    loop = asyncio.get_running_loop()
    async with aio.EchoServer(timeout=0.5) as server:
        with socket.socket() as sock:
            # Small buffers: what is not read is held by the server.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            sock.setblocking(False)
            await loop.sock_connect(sock, server.address)
            (client,) = await _clients(server)
            client._transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, 65536
            )
            await loop.sock_sendall(sock, data)
            got = bytearray()
            for end in range(100_000, 1_000_001, 100_000):
                await asyncio.sleep(0.15)
                while len(got) < end:
                    piece = await loop.sock_recv(sock, end - len(got))
                    assert piece, "it was cut off"
                    got += piece
            assert got == data


async def test_one_client_too_many_is_cut_off():
    async with aio.EchoServer(max_connections=2) as server:
        async with dial(server) as first, dial(server) as second:
            for reader, writer in (first, second):
                writer.write(b"x")
                await reader.readexactly(1)
            async with dial(server) as third:
                with contextlib.suppress(ConnectionError):
                    assert await third[0].read() == b""
            assert server.served == 2
        await until(lambda: not server._clients)
        async with dial(server) as (reader, writer):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"


async def test_stop_sends_what_is_held_then_frees_the_port():
    server = await aio.EchoServer().start()
    async with dial(server) as (reader, writer):
        writer.write(b"last words")
        await until(lambda: server.served and server._clients)
        assert await reader.readexactly(10) == b"last words"
        start = time.monotonic()
        await server.stop()
        await server.stop()
        assert time.monotonic() - start < 0.5
        assert await reader.read() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*server.address)
    again = aio.EchoServer(port=server.port)
    async with again:
        assert again.port == server.port


async def test_stop_does_not_wait_for_a_client_that_never_reads():
    async with aio.EchoServer() as server, dial(server) as (_, writer):
        writer.write(bytes(20_000_000))
        (client,) = await _clients(server)
        await until(lambda: client._transport.get_write_buffer_size())
        start = time.monotonic()
        await server.stop(drain=0.2)
        assert 0.15 < time.monotonic() - start < 0.7
        assert not server._clients
        writer.transport.abort()


async def test_it_can_be_started_again_and_starting_twice_is_fine():
    server = aio.EchoServer()
    for _ in range(2):
        async with server:
            assert await server.start() is server
            answer = await asyncio.to_thread(ask_plainly, server.address, b"a")
            assert answer == b"a"
    assert server.served == 2


async def test_a_port_in_use_raises_and_leaves_nothing():
    async with aio.EchoServer() as first:
        with pytest.raises(OSError, match="address already in use"):
            await aio.EchoServer(port=first.port).start()
    gc.collect()


async def test_the_repr_shows_its_life():
    server = aio.EchoServer()
    assert repr(server) == "<EchoServer, not started>"
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = server.address
    async with server:
        assert server.url == f"tcp://127.0.0.1:{server.port}"
        async with dial(server) as (reader, writer):
            writer.write(b"x")
            await reader.readexactly(1)
            where = f"<EchoServer 127.0.0.1:{server.port}, "
            assert repr(server) == where + "running, 1 connected, 1 served>"
    assert repr(server) == where + "stopped, 0 connected, 1 served>"


@pytest.mark.parametrize(
    "options",
    [{"limit": 0}, {"timeout": 0}, {"max_connections": 0}],
    ids=str,
)
async def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="give"):
        aio.EchoServer(**options)


async def test_without_a_timeout_there_is_no_timer():
    async with aio.EchoServer(timeout=None) as server:
        answer = await asyncio.to_thread(ask_plainly, server.address, b"a")
        assert answer == b"a"
