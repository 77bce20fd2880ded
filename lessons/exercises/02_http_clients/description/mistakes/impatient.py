import json
from urllib.request import urlopen


def description(url):
    with urlopen(url, timeout=0.1) as response:
        return json.load(response)["description"]
