"""aiohttp has a time for the whole call."""

import asyncio
import calendar
import json
import re
import time

import aiohttp

from netbasics.practice import Result


def call(base, method, path):
    return asyncio.run(_call(method, base + path))


async def _call(method, url):
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        async with session.request(method, url) as response:
            status = response.status
            data = None
            problem = f"status {status}" if status >= 400 else None
            if status != 204:
                try:
                    data = json.loads(await response.read())
                except (aiohttp.ClientPayloadError, ValueError) as error:
                    problem = repr(error)
            wait = _wait(response.headers.get("retry-after"))
            return Result(status, data, problem, wait)


def _wait(value):
    if value is None:
        return None
    if re.fullmatch("[0-9]+", value):
        return int(value)
    try:
        when = time.strptime(value, "%a, %d %b %Y %H:%M:%S GMT")
    except ValueError:
        return None
    return max(calendar.timegm(when) - time.time(), 0)
