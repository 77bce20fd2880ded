import asyncio
import logging
import time
import urllib.error
import urllib.request

import aiohttp
import pytest
from aiohttp import web

from netbasics import servers
from netbasics.errors import ServerFailed

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def get(server, path="/"):
    with urllib.request.urlopen(server.url + path, timeout=10) as reply:
        return reply.read()


async def index(request):
    return web.Response(text="hello")


def make_app(handler=index):
    app = web.Application()
    app.router.add_get("/", handler)
    return app


def test_its_start_up_and_its_end_are_run():
    events = []

    async def context(app):
        events.append("start")
        yield
        events.append("stop")

    app = make_app()
    app.cleanup_ctx.append(context)
    with servers.serve(app) as server:
        assert get(server) == b"hello"
        assert events == ["start"]
    assert events == ["start", "stop"]


def test_an_app_that_does_not_start_raises_in_the_caller(caplog):
    events = []

    async def first(app):
        yield
        events.append("first is closed")

    async def second(app):
        raise LookupError("no database")
        yield

    app = make_app()
    app.cleanup_ctx.extend([first, second])
    server = servers.serve(app)
    with pytest.raises(ServerFailed, match="LookupError: no database") as c:
        server.start()
    assert isinstance(c.value.__cause__, LookupError)
    assert events == ["first is closed"]
    assert not server.running


def test_an_app_can_be_started_once():
    app = make_app()
    with servers.serve(app):
        pass
    with pytest.raises(ServerFailed, match="make a new one"):
        servers.serve(app).start()


def test_answers_that_are_raised_are_no_errors(caplog):
    async def handler(request):
        raise web.HTTPConflict(text="taken")

    with servers.serve(make_app(handler)) as server:
        for path, status in (("/", 409), ("/missing", 404)):
            with pytest.raises(urllib.error.HTTPError) as caught:
                get(server, path)
            with caught.value as answer:
                assert answer.code == status
        assert server.errors == []
        assert server.served == 2
    assert caplog.records == []


@pytest.mark.anyio
async def test_websockets_and_their_end(caplog):
    async def chat(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data.upper())
        return ws

    with servers.serve(make_app(chat)) as server:
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
            assert message.type in (
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
            )
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
    assert server.stuck == []


def test_a_clean_up_that_does_not_end_is_given_up_and_named(caplog):
    async def forever(app):
        await asyncio.sleep(60)

    app = make_app()
    app.on_cleanup.append(forever)
    server = servers.serve(app).start()
    begin = time.monotonic()
    server.stop(drain=0.1)
    assert time.monotonic() - begin < 0.6
    assert server.stuck == ["the app's own shutdown does not end"]
