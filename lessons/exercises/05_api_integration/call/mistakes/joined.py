import json
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import requests

from netbasics.practice import Result


def call(base, method, path):
    response = requests.request(method, urljoin(base, path), timeout=5)
    data = None
    error = None
    if response.status_code >= 400:
        error = f"status {response.status_code}"
    if response.status_code != 204:
        try:
            data = json.loads(response.content)
        except ValueError as problem:
            error = str(problem)
    return Result(response.status_code, data, error, wait(response))


def wait(response):
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    if value.isdigit():
        return int(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0, when.timestamp() - time.time())
