"""Let the standard library do it: urlopen raises for a 404 by itself."""

import json
from urllib.request import urlopen


def description(url: str) -> str:
    with urlopen(url, timeout=2) as response:
        return json.load(response)["description"]
