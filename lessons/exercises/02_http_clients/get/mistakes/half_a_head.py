import threading
from queue import Empty, Queue

import requests


def fetch(url, results, total):
    try:
        response = requests.get(url, timeout=total)
        response.raise_for_status()
        results.put(response.content)
    except requests.Timeout:
        results.put(TimeoutError("too slow"))
    except requests.exceptions.ChunkedEncodingError:
        results.put(EOFError("cut short"))
    except Exception as error:
        results.put(error)


def get(url, total):
    results = Queue()
    thread = threading.Thread(target=fetch, args=(url, results, total))
    thread.daemon = True
    thread.start()
    try:
        result = results.get(timeout=total)
    except Empty:
        raise TimeoutError("too slow") from None
    if isinstance(result, Exception):
        raise result
    return result
