import asyncio

import aiohttp


async def fetch_all(urls, limit):
    timeout = aiohttp.ClientTimeout(total=5)
    connector = aiohttp.TCPConnector(limit=limit)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector
    ) as session:
        tasks = [fetch(session, url) for url in urls]
        return await asyncio.gather(*tasks)


async def fetch(session, url):
    try:
        async with session.get(url) as response:
            response.raise_for_status()
            return await response.read()
    except Exception as error:
        return error
