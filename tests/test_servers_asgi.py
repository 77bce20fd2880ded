import asyncio
import contextlib
import http.client
import logging
import socket
import threading
import time
import urllib.error
import urllib.request

import aiohttp
import fastapi
import pytest
from fastapi.responses import StreamingResponse

from netbasics import servers
from netbasics.errors import ServerFailed

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def get(server, path="/"):
    with urllib.request.urlopen(server.url + path, timeout=10) as reply:
        return reply.read()


def http_only(app):
    """A bare ASGI app that knows nothing of lifespans."""

    async def wrapped(scope, receive, send):
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return wrapped


async def start(send, status=200, headers=()):
    message = {"status": status, "headers": list(headers)}
    await send({"type": "http.response.start", **message})


async def body(send, data, more=False):
    message = {"body": data, "more_body": more}
    await send({"type": "http.response.body", **message})


def test_a_bare_app_without_a_lifespan():
    @http_only
    async def app(scope, receive, send):
        await start(send, headers=[(b"content-length", b"2")])
        await body(send, b"ok")

    with servers.serve(app) as server:
        assert get(server) == b"ok"
        assert server.served == 1


def test_a_lifespan_runs_around_everything():
    events = []

    @contextlib.asynccontextmanager
    async def lifespan(app):
        events.append("start")
        yield {"colour": "blue"}
        events.append("stop")

    app = fastapi.FastAPI(lifespan=lifespan)

    @app.get("/")
    def index(request: fastapi.Request):
        events.append(request.state.colour)
        return "ok"

    for _ in range(2):
        with servers.serve(app) as server:
            get(server)
    assert events == ["start", "blue", "stop"] * 2


def test_an_app_that_does_not_start_raises_in_the_caller(caplog):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        raise LookupError("no database at db.example")
        yield

    server = servers.serve(fastapi.FastAPI(lifespan=lifespan))
    begin = time.monotonic()
    with pytest.raises(ServerFailed, match=r"LookupError: no database") as c:
        server.start()
    assert time.monotonic() - begin < 5
    assert isinstance(c.value.__cause__, LookupError)
    assert not server.running
    assert caplog.records == []  # the caller knows: nothing more to say
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, 5)


def test_an_app_that_exits_at_its_start_does_not_end_the_program():
    @contextlib.asynccontextmanager
    async def lifespan(app):
        raise SystemExit(3)
        yield

    with pytest.raises(ServerFailed, match="SystemExit: 3"):
        servers.serve(fastapi.FastAPI(lifespan=lifespan)).start()


def test_an_app_that_fails_at_its_end(caplog):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        yield
        raise LookupError("not saved")

    with servers.serve(fastapi.FastAPI(lifespan=lifespan)) as server:
        pass
    assert isinstance(server.errors[0].__cause__, LookupError)
    assert "not saved" in caplog.text


def test_an_end_that_does_not_end_is_given_up_and_named(caplog):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        yield
        await asyncio.sleep(60)

    server = servers.serve(fastapi.FastAPI(lifespan=lifespan)).start()
    begin = time.monotonic()
    server.stop(drain=0.1)
    assert time.monotonic() - begin < 0.6
    assert server.stuck == ["the app's own shutdown does not end"]


def test_a_blocking_call_that_does_not_end_is_named():
    release, started = threading.Event(), threading.Event()
    app = fastapi.FastAPI()

    @app.get("/")
    def blocks():
        started.set()
        release.wait(30)

    answers = []

    def ask():
        try:
            get(server)
        except urllib.error.HTTPError as error:
            with error:
                answers.append(error.code)

    server = servers.serve(app).start()
    thread = threading.Thread(target=ask)
    thread.start()
    assert started.wait(10)
    begin = time.monotonic()
    server.stop(drain=0.1)
    assert time.monotonic() - begin < 0.6
    thread.join(10)
    assert answers == [503]  # the client is told
    (name,) = server.stuck
    assert "blocks" in name
    assert __file__ in name
    release.set()


def test_an_app_that_blocks_the_loop_is_left_and_named():
    release, started = threading.Event(), threading.Event()

    @http_only
    async def app(scope, receive, send):
        started.set()
        release.wait(30)  # in the loop: everything stands still
        await start(send)
        await body(send, b"late")

    server = servers.serve(app).start()
    with socket.create_connection(server.address, 5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert started.wait(10)
        begin = time.monotonic()
        server.stop(drain=0.1)
        assert time.monotonic() - begin < 0.8
        (name,) = server.stuck
        assert f"ASGIServer {server.port}" in name
        assert __file__ in name
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.address, 5)
        release.set()


def test_an_app_may_stop_its_own_server():
    app = fastapi.FastAPI()

    @app.get("/")
    async def index():
        server.stop()
        return "bye"

    server = servers.serve(app).start()
    assert get(server) == b'"bye"'


def test_streams_end_in_order_at_stop():
    app = fastapi.FastAPI()

    @app.get("/")
    async def numbers():
        async def forever():
            while True:
                yield b"1\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(forever())

    server = servers.serve(app).start()
    with urllib.request.urlopen(server.url, timeout=10) as reply:
        assert reply.readline() == b"1\n"
        server.stop()
        rest = reply.read()  # a chunked reply that breaks off would raise
    assert set(rest) <= {*b"1\n"}
    assert server.errors == []


def test_a_client_that_does_not_read_its_stream_does_not_hold_stop():
    app = fastapi.FastAPI()

    @app.get("/")
    async def much():
        async def forever():
            while True:
                yield b"x" * 65536

        return StreamingResponse(forever())

    server = servers.serve(app).start()
    with socket.create_connection(server.address, 5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert sock.recv(100)
        begin = time.monotonic()
        server.stop(drain=0.2)
        assert time.monotonic() - begin < 0.7
    assert server.stuck == []


def test_an_exception_after_the_reply_began_cuts_it(caplog):
    @http_only
    async def app(scope, receive, send):
        await start(send, headers=[(b"content-length", b"100")])
        await body(send, b"half", more=True)
        raise LookupError("in the middle")

    with servers.serve(app) as server:
        with pytest.raises(http.client.IncompleteRead):
            get(server)
        assert isinstance(server.errors[0], LookupError)
    assert len([r for r in caplog.records if r.levelno >= 40]) == 1


def test_an_app_that_answers_nothing_gets_500(caplog):
    @http_only
    async def app(scope, receive, send):
        return

    with servers.serve(app) as server:
        with pytest.raises((urllib.error.HTTPError, OSError)) as caught:
            get(server)
        caught.value.close() if hasattr(caught.value, "close") else None


def test_errors_are_there_as_soon_as_the_client_has_its_500(caplog):
    # Starlette answers first and raises then.
    caplog.set_level(logging.CRITICAL)
    app = fastapi.FastAPI()

    @app.get("/")
    def fails():
        raise LookupError

    with servers.serve(app) as server:
        for count in range(1, 30):
            with pytest.raises(urllib.error.HTTPError) as caught:
                get(server)
            caught.value.close()
            assert len(server.errors) == count


def make_chat():
    app = fastapi.FastAPI()

    @app.websocket("/")
    async def chat(socket: fastapi.WebSocket):
        await socket.accept()
        while True:
            await socket.send_text((await socket.receive_text()).upper())

    return app


@pytest.mark.anyio
async def test_websockets_and_their_end(caplog):
    with servers.serve(make_chat()) as server:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(server.url) as ws,
        ):
            await ws.send_str("hello")
            assert await ws.receive_str(timeout=10) == "HELLO"
            begin = time.monotonic()
            await asyncio.to_thread(server.stop)
            assert time.monotonic() - begin < 0.5
            message = await ws.receive(timeout=10)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == 1012  # "service restart"
        assert server.served == 1
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_background_tasks_may_finish():
    done = []
    app = fastapi.FastAPI()

    async def later():
        await asyncio.sleep(0.1)
        done.append(True)

    @app.get("/")
    async def index(tasks: fastapi.BackgroundTasks):
        tasks.add_task(later)
        return "ok"

    with servers.serve(app) as server:
        get(server)
    assert done == [True]


def test_a_clients_word_on_its_address_does_not_count():
    @http_only
    async def app(scope, receive, send):
        await start(send)
        await body(send, scope["client"][0].encode())

    with servers.serve(app) as server:
        forged = {"X-Forwarded-For": "6.6.6.6"}
        request = urllib.request.Request(server.url, headers=forged)
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert reply.read() == b"127.0.0.1"
