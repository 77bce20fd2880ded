import time

import requests


def get(url, total):
    end = time.monotonic() + total
    body = b""
    try:
        with requests.get(url, timeout=total, stream=True) as response:
            response.raise_for_status()
            for piece in response.iter_content(1):
                body += piece
                if time.monotonic() > end:
                    raise TimeoutError("too slow")
    except requests.Timeout:
        raise TimeoutError("too slow") from None
    except requests.exceptions.ChunkedEncodingError:
        raise EOFError("cut short") from None
    return body
