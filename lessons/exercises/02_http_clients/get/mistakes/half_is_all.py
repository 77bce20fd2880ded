import time
from urllib.request import urlopen


def get(url, total):
    end = time.monotonic() + total
    body = b""
    with urlopen(url, timeout=total) as response:
        while piece := response.read(1024):
            body += piece
            if time.monotonic() > end:
                raise TimeoutError("too slow")
    return body
