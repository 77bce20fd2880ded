import requests


def get(url, total):
    try:
        return requests.get(url, timeout=total).content
    except requests.Timeout as error:
        raise TimeoutError("too slow") from error
