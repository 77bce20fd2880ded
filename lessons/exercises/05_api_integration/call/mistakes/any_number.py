import json
import time
from email.utils import parsedate_to_datetime

import requests

from netbasics.practice import Result


def call(base, method, path):
    response = requests.request(method, base + path, timeout=5, stream=True)
    body = body_of(response)
    data = None
    error = None
    if response.status_code >= 400:
        error = f"status {response.status_code}"
    if response.status_code != 204:
        try:
            data = json.loads(body)
        except ValueError as problem:
            error = str(problem)
    return Result(response.status_code, data, error, wait(response))


def body_of(response):
    body = b""
    try:
        for piece in response.iter_content(1000):
            body += piece
    except requests.RequestException:
        return b""
    return body


def wait(response):
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0, when.timestamp() - time.time())
