import http.client
import json
from urllib.parse import urlsplit

from netbasics.practice import Result


def call(base, method, path):
    host = urlsplit(base)
    connection = http.client.HTTPConnection(host.netloc, timeout=5)
    connection.request(method, host.path + path)
    response = connection.getresponse()
    try:
        body = response.read()
    except http.client.IncompleteRead as end:
        body = end.partial
    connection.close()
    data, error = None, None
    if response.status >= 400:
        error = response.reason
    if response.status != 204:
        try:
            data = json.loads(body)
        except ValueError as problem:
            error = str(problem)
    return Result(response.status, data, error, None)
