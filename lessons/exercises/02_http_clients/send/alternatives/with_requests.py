"""Ask with requests, in a loop that ends by itself."""

from email.utils import parsedate_to_datetime

import requests

from netbasics.practice import Response


def wanted_pause(text, now):
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0, when.timestamp() - now)


def send(request, policy, clock):
    tried = 0
    while True:
        tried += 1
        last = request.method in ("POST", "PATCH") or tried >= policy.tries
        pause = None
        try:
            answer = requests.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body,
                allow_redirects=False,
                timeout=10,
            )
        except requests.RequestException:
            if last:
                raise
        else:
            if last or answer.status_code not in (429, 502, 503, 504):
                headers = list(answer.headers.items())
                return Response(answer.status_code, headers, answer.content)
            pause = wanted_pause(answer.headers.get("Retry-After"), clock.now())
        if pause is None:
            pause = min(policy.cap, policy.base * 2 ** (tried - 1))
        if pause:
            clock.sleep(pause)
