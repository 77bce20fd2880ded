"""Ask netbasics.retries whether and when; urllib3 sends."""

import urllib3

from netbasics.practice import Response
from netbasics.retries import Failure, RetryPolicy, no_jitter


def send(request, policy, clock):
    rules = RetryPolicy(
        tries=policy.tries,
        base=policy.base,
        cap=policy.cap,
        retry_after_cap=float("inf"),
        jitter=no_jitter,
    )
    with urllib3.PoolManager(retries=False) as pool:
        tried = 0
        while True:
            tried += 1
            answer = error = asked = None
            try:
                answer = pool.request(
                    request.method,
                    request.url,
                    headers=dict(request.headers),
                    body=request.body,
                    redirect=False,
                )
                asked = answer.headers.get("Retry-After")
            except urllib3.exceptions.HTTPError as caught:
                error = caught
            pause = rules.delay(
                tried,
                request.method,
                Failure.LOST if answer is None else answer.status,
                retry_after=asked,
                now=clock.now(),
            )
            if pause is not None:
                clock.sleep(pause)
            elif error is not None:
                raise error
            else:
                headers = list(answer.headers.items())
                return Response(answer.status, headers, answer.data)
