"""A semaphore around all of it, and no exception leaves a task."""

import asyncio

import aiohttp

SECONDS = 5.0


async def fetch_all(urls: list[str], limit: int) -> list[bytes | Exception]:
    places = asyncio.Semaphore(limit)
    # The limit is ours: the pool's own would let its queue use up the time.
    pool = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=pool) as session:

        async def outcome(url: str) -> bytes | Exception:
            async with places:
                try:
                    async with asyncio.timeout(SECONDS):
                        return await body(session, url)
                except Exception as error:
                    return error

        return await asyncio.gather(*map(outcome, urls))


async def body(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.read()
