"""http.client, and an alarm that ends the connection when time is up."""

import json
import socket
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from urllib.parse import urlsplit

from netbasics.practice import Result

SECONDS = 5.0


def call(base: str, method: str, path: str) -> Result:
    began = time.monotonic()
    parts = urlsplit(base + path)
    target = parts._replace(scheme="", netloc="").geturl()
    connection = HTTPConnection(parts.netloc, timeout=SECONDS)
    connection.connect()
    rang = Event()
    left = began + SECONDS - time.monotonic()
    alarm = Timer(left, ring, (connection.sock, rang))
    alarm.start()
    try:
        connection.request(method, target)
        response = connection.getresponse()
        body, error = read(response)
    except (OSError, HTTPException):
        if rang.is_set():
            raise TimeoutError(f"no answer within {SECONDS} s") from None
        raise
    finally:
        alarm.cancel()
        connection.close()
    if rang.is_set():
        raise TimeoutError(f"no whole answer within {SECONDS} s")
    return result(response, body, error)


def ring(sock: socket.socket, rang: Event) -> None:
    # Whoever waits for this connection sees its end.
    rang.set()
    with suppress(OSError):  # it has ended already
        sock.shutdown(socket.SHUT_RDWR)


def read(response) -> tuple[bytes, str | None]:
    try:
        return response.read(), None
    except HTTPException as error:  # IncompleteRead
        return b"", f"the body was cut: {error}"


def result(response, body: bytes, error: str | None) -> Result:
    data = None
    if error is None and response.status != 204:
        try:
            data = json.loads(body.decode())
        except ValueError as why:  # also of a text that is not UTF-8
            error = f"no JSON: {why}: {body[:60]!r}"
    if error is None and response.status >= 400:
        error = f"{response.status} {response.reason}"
    retry_after = seconds(response.getheader("Retry-After", ""))
    return Result(response.status, data, error, retry_after)


def seconds(text: str) -> float | None:
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
