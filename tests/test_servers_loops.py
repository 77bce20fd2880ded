import asyncio
import socket
import threading
import time

import pytest

from netbasics.errors import ServerFailed
from netbasics.servers import loops
from netbasics.servers.loops import LoopServer


class Bare(LoopServer):
    """The least that a server with a loop can be: it says hello."""

    async def _open(self, sock):
        self.opened = threading.current_thread()
        if self.app is not None:
            await self.app()
        self._server = await asyncio.start_server(self._greet, sock=sock)

    async def _greet(self, reader, writer):
        with self._exchange("hello"):
            self.writer = writer
            writer.write(b"hello")
            writer.close()

    async def _refuse(self):
        self._server.close()
        return []

    async def _close(self):
        pass


def read(server):
    with socket.create_connection(server.address, 5) as sock:
        return sock.recv(100)


@pytest.mark.usefixtures("leaves_nothing")
def test_it_runs_in_a_thread_of_its_own():
    with Bare(None) as server:
        assert server.opened is not threading.current_thread()
        assert server.opened.daemon
        assert read(server) == b"hello"
        assert server.served == 1
        assert repr(server).startswith(f"<Bare 127.0.0.1:{server.port}, run")
    with pytest.raises(ConnectionRefusedError):
        read(server)


@pytest.mark.usefixtures("leaves_nothing")
def test_start_and_stop_are_quick_and_may_be_repeated():
    server = Bare(None)
    begin = time.monotonic()
    for _ in range(10):
        with server:
            assert read(server) == b"hello"
        server.stop()
    assert time.monotonic() - begin < 3


@pytest.mark.usefixtures("leaves_nothing")
def test_a_start_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(loops, "STARTING", 0.1)

    async def forever():
        await asyncio.sleep(60)

    server = Bare(forever)
    begin = time.monotonic()
    with pytest.raises(ServerFailed, match=r"within 0\.1 s"):
        server.start()
    assert time.monotonic() - begin < 2
    with socket.create_server(server.address):
        pass


@pytest.mark.usefixtures("leaves_nothing")
def test_a_start_that_blocks_is_left_and_named(monkeypatch):
    monkeypatch.setattr(loops, "STARTING", 0.1)
    release = threading.Event()

    async def blocks_the_loop():
        release.wait(30)

    server = Bare(blocks_the_loop)
    with pytest.raises(ServerFailed, match="blocks_the_loop"):
        server.start()
    release.set()


@pytest.mark.usefixtures("leaves_nothing")
def test_a_start_that_is_interrupted_leaves_nothing(monkeypatch):
    # Ctrl-C while start() waits.
    def interrupted(self, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.Future.result", interrupted)

    async def forever():
        await asyncio.sleep(60)

    server = Bare(forever)
    with pytest.raises(KeyboardInterrupt):
        server.start()
    assert not server.running


@pytest.mark.usefixtures("leaves_nothing")
def test_tasks_and_blocking_calls_of_the_app_are_ended():
    ended = []

    async def app():
        async def background():
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("task")

        asyncio.current_task().background = asyncio.ensure_future(background())
        await asyncio.to_thread(ended.append, "call")

    before = set(threading.enumerate())
    with Bare(app):
        assert len(set(threading.enumerate()) - before) == 2
    assert ended == ["call", "task"]
    assert set(threading.enumerate()) == before


@pytest.mark.usefixtures("leaves_nothing")
def test_a_blocking_call_that_does_not_end_is_named():
    release = threading.Event()

    def blocks():
        release.wait(30)

    async def app():
        loop = asyncio.get_running_loop()
        asyncio.current_task().call = loop.run_in_executor(None, blocks)

    server = Bare(app).start()
    server.stop(drain=0)
    (name,) = server.stuck
    assert "blocks" in name
    release.set()
