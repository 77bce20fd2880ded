import requests

from netbasics.practice import Response


def follow(method, url, headers, body, limit):
    session = requests.Session()
    session.max_redirects = limit
    try:
        answer = session.request(
            method, url, headers=dict(headers), data=body, timeout=10
        )
    except requests.TooManyRedirects as error:
        raise ValueError("too many redirects") from error
    return Response(
        answer.status_code, list(answer.headers.items()), answer.content
    )
