"""A kept connection on which something came is not used again."""

import asyncio

import pytest

from netbasics import aio, lab


async def twice(url):
    """Fetch it two times on one session, with a pause in which much happens."""

    async def urls():
        yield url
        await asyncio.sleep(0.2)
        yield url

    return await aio.fetch_all(urls(), limit=1, timeout=20)


@pytest.mark.anyio
async def test_what_came_unasked_is_not_taken_for_the_answer():
    with lab.answers_twice() as peer:
        outcomes = await twice(peer.url)
        assert [outcome.body for outcome in outcomes] == [peer.content] * 2
        assert peer.attempts == 2


@pytest.mark.anyio
async def test_a_quiet_connection_is_used_again():
    def script(visit):
        while True:
            visit.read_request()
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with lab.TCPPeer("kept", script) as peer:
        outcomes = await twice(peer.url)
        assert [outcome.body for outcome in outcomes] == [b"hi", b"hi"]
        assert peer.attempts == 1
