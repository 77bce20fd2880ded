import json
import urllib.request

from netbasics.practice import Result


def call(base, method, path):
    request = urllib.request.Request(base + path, method=method)
    with urllib.request.urlopen(request, timeout=5) as response:
        body = response.read()
        data = json.loads(body) if body else None
        wait = response.headers.get("Retry-After")
        return Result(response.status, data, None, wait and int(wait))
