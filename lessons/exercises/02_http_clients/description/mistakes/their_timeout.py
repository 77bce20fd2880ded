import requests


def description(url):
    response = requests.get(url, timeout=2)
    response.raise_for_status()
    return response.json()["description"]
