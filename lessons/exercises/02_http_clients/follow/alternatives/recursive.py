"""urllib without its own redirects; each redirect is a call of its own."""

from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from netbasics.practice import Response


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def follow(method, url, headers, body, limit):
    request = Request(url, data=body, headers=dict(headers), method=method)
    try:
        answer = build_opener(Stay).open(request, timeout=10)
    except HTTPError as error:
        answer = error
    with answer:
        result = Response(answer.code, answer.headers.items(), answer.read())
    if result.status not in {301, 302, 303, 307, 308}:
        return result
    if limit == 0:
        raise ValueError("one redirect too many")
    there = urljoin(url, answer.headers["Location"])
    drop = []
    if result.status == 303 or (result.status < 303 and method == "POST"):
        method, body = "GET", None
        drop.append("content-")
    if urlsplit(there)[:2] != urlsplit(url)[:2]:
        drop.append("authorization")
    kept = [h for h in headers if not h[0].lower().startswith(tuple(drop))]
    return follow(method, there, kept, body, limit - 1)
