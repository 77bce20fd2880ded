from email.utils import parsedate_to_datetime

import requests

from netbasics.practice import Response


def pause_of(response, now, backoff):
    headers = {name.lower(): value for name, value in response.headers}
    text = headers.get("retry-after", "")
    if text.isdigit():
        return int(text)
    try:
        when = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return backoff
    return when - now


def ask(request):
    answer = requests.request(
        request.method,
        request.url,
        headers=dict(request.headers),
        data=request.body,
        allow_redirects=False,
        timeout=10,
    )
    return Response(
        answer.status_code, list(answer.headers.items()), answer.content
    )


def send(request, policy, clock):
    once = request.method in ("POST", "PATCH")
    tries = 1 if once else policy.tries
    for tried in range(1, tries + 1):
        backoff = min(policy.cap, policy.base * 2 ** (tried - 1))
        try:
            response = ask(request)
        except requests.RequestException:
            if tried == tries:
                raise
        else:
            if tried == tries or response.status not in (429, 502, 503, 504):
                return response
            backoff = pause_of(response, clock.now(), backoff)
        clock.sleep(backoff)
    raise ValueError("no tries")
