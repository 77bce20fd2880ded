"""A loop over single requests, each made from the one before."""

from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

from netbasics.practice import Response

REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}


def follow(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes | None,
    limit: int,
) -> Response:
    for _ in range(limit + 1):
        response = ask(method, url, headers, body)
        if response.status not in REDIRECTS:
            return response
        target = urljoin(url, location(response))
        if becomes_get(response.status, method):
            method, body = "GET", None
            headers = without(headers, "content-")
        if origin(target) != origin(url):
            # From the headers themselves, so that no later redirect can bring
            # it back.
            headers = without(headers, "authorization")
        url = target
    raise ValueError(f"more than {limit} redirects; the last leads to {url}")


def ask(method, url, headers, body) -> Response:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def location(response: Response) -> str:
    for name, value in response.headers:
        if name.lower() == "location":
            return value
    raise ValueError("a redirect without a Location")


def becomes_get(status: int, method: str) -> bool:
    return status == 303 or (status in (301, 302) and method == "POST")


def without(headers, prefix: str) -> list[tuple[str, str]]:
    return [(n, v) for n, v in headers if not n.lower().startswith(prefix)]


def origin(url: str) -> tuple[object, ...]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
