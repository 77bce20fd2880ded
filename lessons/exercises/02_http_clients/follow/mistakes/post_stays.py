from urllib.parse import urljoin, urlparse

import requests

from netbasics.practice import Response


def follow(method, url, headers, body, limit):
    headers = dict(headers)
    for _ in range(limit + 1):
        answer = requests.request(
            method,
            url,
            headers=headers,
            data=body,
            allow_redirects=False,
            timeout=10,
        )
        status = answer.status_code
        if status not in (301, 302, 303, 307, 308):
            return Response(
                status, list(answer.headers.items()), answer.content
            )
        new = urljoin(url, answer.headers["Location"])
        if status == 303:
            method, body = "GET", None
            headers = {
                name: value
                for name, value in headers.items()
                if not name.lower().startswith("content-")
            }
        if urlparse(new)[:2] != urlparse(url)[:2]:
            for name in list(headers):
                if name.lower() == "authorization":
                    del headers[name]
        url = new
    raise ValueError("too many redirects")
