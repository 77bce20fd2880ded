import requests


def get(url, total):
    try:
        response = requests.get(url, timeout=total)
    except requests.Timeout:
        raise TimeoutError("too slow") from None
    except requests.exceptions.ChunkedEncodingError:
        raise EOFError("cut short") from None
    response.raise_for_status()
    return response.content
