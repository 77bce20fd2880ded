"""One step below urllib: the status is ours to look at."""

import http.client
import json
from urllib.parse import urlsplit


def description(url):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=2)
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise OSError(f"{url}: {response.status} {response.reason}")
    return json.loads(body)["description"]
