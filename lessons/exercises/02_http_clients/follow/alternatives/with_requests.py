"""Ask with requests, and keep the first origin in mind."""

from urllib.parse import urljoin, urlparse

import requests

from netbasics.practice import Response


def follow(method, url, headers, body, limit):
    home = urlparse(url)[:2]
    fields = requests.structures.CaseInsensitiveDict(headers)
    count = 0
    while True:
        if urlparse(url)[:2] != home:
            fields.pop("Authorization", None)
        answer = requests.request(
            method,
            url,
            headers=fields,
            data=body,
            allow_redirects=False,
            timeout=10,
        )
        status = answer.status_code
        if status not in (301, 302, 303, 307, 308):
            pairs = list(answer.headers.items())
            return Response(status, pairs, answer.content)
        count += 1
        if count > limit:
            raise ValueError(f"redirect number {count}, {limit} are allowed")
        url = urljoin(url, answer.headers["Location"])
        if status == 303 or (status < 303 and method == "POST"):
            method, body = "GET", None
            for name in list(fields):
                if name.lower().startswith("content-"):
                    del fields[name]
