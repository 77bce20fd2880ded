import requests


def description(url):
    response = requests.get(url)
    response.raise_for_status()
    return response.json()["description"]
