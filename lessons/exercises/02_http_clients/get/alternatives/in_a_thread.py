"""Let requests take its time in a thread that nobody waits for any longer."""

import queue
import threading

import requests
from requests.exceptions import ChunkedEncodingError


def fetch(url, total):
    try:
        response = requests.get(url, timeout=total)
    except ChunkedEncodingError as error:
        raise EOFError("the body was cut short") from error
    response.raise_for_status()
    if "Content-Length" not in response.headers:
        raise EOFError("the headers were cut short")
    return response.content


def get(url, total):
    results = queue.Queue()

    def run():
        try:
            results.put((fetch(url, total), None))
        except Exception as error:
            results.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        body, error = results.get(timeout=total)
    except queue.Empty:
        raise TimeoutError(f"{url}: not within {total} s") from None
    if isinstance(error, requests.Timeout):
        raise TimeoutError(str(error))
    if error is not None:
        raise error
    return body
