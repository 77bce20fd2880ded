import requests


def get(url, total):
    try:
        response = requests.get(url, timeout=total)
        response.raise_for_status()
        return response.content
    except requests.exceptions.ChunkedEncodingError as error:
        raise EOFError("cut short") from error
