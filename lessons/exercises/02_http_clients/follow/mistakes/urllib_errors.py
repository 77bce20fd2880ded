from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from netbasics.practice import Response


class Follow(HTTPRedirectHandler):
    def redirect_request(self, request, file, code, message, headers, new):
        again = super().redirect_request(
            request, file, code, message, headers, new
        )
        old = urlsplit(request.full_url)[:2]
        if again is not None and urlsplit(new)[:2] != old:
            again.headers.pop("Authorization", None)
        return again


def follow(method, url, headers, body, limit):
    request = Request(url, body, dict(headers), method=method)
    handler = Follow()
    handler.max_redirections = limit
    with build_opener(handler).open(request, timeout=10) as answer:
        return Response(answer.status, answer.headers.items(), answer.read())
