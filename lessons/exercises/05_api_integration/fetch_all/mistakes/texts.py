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
    async with semaphore:
        try:
            async with session.get(url) as response:
                response.raise_for_status()
                return await response.text(errors="replace")
        except Exception as error:
            return error
