import asyncio

import requests


async def fetch_all(urls, limit):
    semaphore = asyncio.Semaphore(limit)
    return await asyncio.gather(*(fetch(semaphore, url) for url in urls))


async def fetch(semaphore, url):
    async with semaphore:
        try:
            response = requests.get(url, timeout=5)
            response.raise_for_status()
            return response.content
        except requests.Timeout as error:
            return TimeoutError(str(error))
        except Exception as error:
            return error
