from concurrent.futures import ThreadPoolExecutor

import requests


async def fetch_all(urls, limit):
    with ThreadPoolExecutor(limit) as pool:
        return list(pool.map(fetch, urls))


def fetch(url):
    try:
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        return response.content
    except requests.Timeout as error:
        return TimeoutError(str(error))
    except Exception as error:
        return error
