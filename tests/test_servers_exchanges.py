import asyncio
import contextlib
import math
import time

import pytest

from netbasics.servers.exchanges import Exchange, Exchanges

pytestmark = pytest.mark.anyio


async def answering(exchanges, what, seconds, *, content_type=None):
    with Exchange(what, exchanges) as exchange:
        assert exchanges.current() is exchange
        if content_type is not None:
            exchange.streams(content_type)
        await asyncio.sleep(seconds)


async def start(*work):
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    await asyncio.sleep(0)
    return tasks


async def gather(tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_knows_what_is_open():
    exchanges = Exchanges()
    tasks = await start(answering(exchanges, "GET /", 0.01))
    assert len(exchanges) == 1
    assert exchanges.current() is None
    await gather(tasks)
    assert len(exchanges) == 0


async def test_finish_returns_when_all_is_answered():
    exchanges = Exchanges()
    tasks = await start(answering(exchanges, "GET /", 0.05))
    begin = time.monotonic()
    await exchanges.finish(begin, 10)
    assert time.monotonic() - begin < 1
    assert await gather(tasks) == [None]


async def test_finish_waits_no_longer_than_each_is_worth():
    exchanges = Exchanges()
    tasks = await start(
        answering(exchanges, "stream", 30, content_type="text/plain"),
        answering(exchanges, "events", 30, content_type="text/event-stream"),
    )
    begin = time.monotonic()
    await exchanges.finish(begin, 10)
    assert 0.05 < time.monotonic() - begin < 1
    assert await exchanges.end(5) == []
    results = await gather(tasks)
    assert [type(r) for r in results] == [asyncio.CancelledError] * 2


async def test_an_event_stream_is_not_waited_for_at_all():
    exchange = Exchange("GET /events", Exchanges())
    assert exchange.patience == math.inf
    exchange.streams("Text/Event-Stream; charset=utf-8")
    assert exchange.patience == 0


async def test_what_does_not_end_is_named():
    exchanges = Exchanges()
    release = asyncio.Event()

    async def stubborn():
        with Exchange("GET /stubborn", exchanges):
            while not release.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await release.wait()

    tasks = await start(stubborn())
    assert await exchanges.end(0.02) == ["GET /stubborn"]
    release.set()
    await gather(tasks)
