import requests


def description(url):
    try:
        response = requests.get(url, timeout=2)
    except requests.Timeout:
        raise TimeoutError("too slow") from None
    return response.json()["description"]
