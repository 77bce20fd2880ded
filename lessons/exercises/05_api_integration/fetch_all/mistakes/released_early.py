import asyncio

import aiohttp


async def fetch_all(urls, limit):
    semaphore = asyncio.Semaphore(limit)
    timeout = aiohttp.ClientTimeout(total=5)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector
    ) as session:
        tasks = [fetch(session, semaphore, url) for url in urls]
        return await asyncio.gather(*tasks)


async def fetch(session, semaphore, url):
    try:
        async with semaphore:
            response = await session.get(url)
        response.raise_for_status()
        return await response.read()
    except Exception as error:
        return error
