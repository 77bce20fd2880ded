"""Ask netbasics.retries whether and when."""

import asyncio

import aiohttp

from netbasics.practice import Response
from netbasics.retries import Failure, RetryPolicy, no_jitter


async def ask(request):
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
        ) as answer,
    ):
        headers = list(answer.headers.items())
        return Response(answer.status, headers, await answer.read())


def send(request, policy, clock):
    rules = RetryPolicy(
        tries=policy.tries,
        base=policy.base,
        cap=policy.cap,
        retry_after_cap=float("inf"),
        jitter=no_jitter,
    )
    tried = 0
    while True:
        tried += 1
        result = error = asked = None
        try:
            result = asyncio.run(ask(request))
            headers = {name.lower(): value for name, value in result.headers}
            asked = headers.get("retry-after")
        except aiohttp.ClientError as caught:
            error = caught
        pause = rules.delay(
            tried,
            request.method,
            result.status if result else Failure.LOST,
            retry_after=asked,
            now=clock.now(),
        )
        if pause is None:
            if error:
                raise error
            return result
        clock.sleep(pause)
