"""Ask with requests, and give its timeout the name that everybody knows."""

import requests


def description(url):
    try:
        response = requests.get(url, timeout=2)
    except requests.Timeout as error:
        raise TimeoutError(f"{url} was silent for 2 s") from error
    response.raise_for_status()
    return response.json()["description"]
