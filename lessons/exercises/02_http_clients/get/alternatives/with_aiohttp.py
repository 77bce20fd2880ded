"""What asyncio waits for it can also stop waiting for."""

import asyncio

import aiohttp


async def fetch(url, total):
    async with (
        asyncio.timeout(total),
        aiohttp.ClientSession() as session,
        session.get(url) as response,
    ):
        if response.status >= 400:
            raise OSError(f"{url}: {response.status} {response.reason}")
        return await response.read()


def get(url, total):
    try:
        return asyncio.run(fetch(url, total))
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as end:
        raise EOFError(f"{url}: the answer was cut short") from end
