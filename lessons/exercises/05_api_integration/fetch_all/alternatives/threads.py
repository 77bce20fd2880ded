"""Threads for a library that cannot do otherwise; batches of `limit`."""

import asyncio
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit


async def fetch_all(urls, limit):
    results = []
    for at in range(0, len(urls), limit):
        batch = urls[at : at + limit]
        jobs = [asyncio.to_thread(fetch, url) for url in batch]
        results += await asyncio.gather(*jobs, return_exceptions=True)
    return results


def fetch(url):
    end = time.monotonic() + 5
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    connection.connect()
    sock = connection.sock

    def give_up():
        with suppress(OSError):
            sock.shutdown(2)

    alarm = threading.Timer(max(0, end - time.monotonic()), give_up)
    alarm.start()
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        body = response.read()
        if response.status >= 400:
            raise OSError(f"{response.status}")
    except Exception:
        if time.monotonic() >= end:
            raise TimeoutError(url) from None
        raise
    finally:
        alarm.cancel()
        connection.close()
    if time.monotonic() >= end:
        raise TimeoutError(url)
    return body
