"""Keep apart: one request, whether to try again, and how long to wait."""

import re
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from netbasics.practice import Policy, Request, Response

LATER = {429, 502, 503, 504}
ONCE = {"POST", "PATCH"}


def send(request: Request, policy: Policy, clock) -> Response:
    tries = 1 if request.method in ONCE else policy.tries
    for tried in range(1, tries + 1):
        response = None
        try:
            response = ask(request)
        except (OSError, HTTPException):
            if tried == tries:
                raise
        if response and (response.status not in LATER or tried == tries):
            return response
        pause = min(policy.cap, policy.base * 2 ** (tried - 1))
        asked = retry_after(response, clock.now()) if response else None
        clock.sleep(pause if asked is None else asked)
    raise ValueError(f"{policy} allows no request")


def ask(request: Request) -> Response:
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(
            request.method, path, request.body or None, dict(request.headers)
        )
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def retry_after(response: Response, now: float) -> float | None:
    headers = {name.lower(): value for name, value in response.headers}
    text = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
