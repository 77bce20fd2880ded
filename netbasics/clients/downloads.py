"""A download that resumes after a cut, and appears when it is complete."""

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests

from netbasics.clients.failures import RequestError
from netbasics.clients.parts import Part, Progress, beside
from netbasics.clients.sessions import Session
from netbasics.deadlines import Deadline
from netbasics.retries import Failure, RetryPolicy

__all__ = ["download"]

PATIENT = RetryPolicy(tries=10, failures=frozenset(Failure))
"""Ten requests. A silent server is asked again, for little is lost by that."""


def download(
    url: str,
    path: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    sha256: str | None = None,
    retries: RetryPolicy | int = PATIENT,
    deadline: float | Deadline | None = 600.0,
    max_bytes: int | None = 2**30,
    session: Session | None = None,
    sleep: Callable[[float], object] = time.sleep,
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> Path:
    """Download a URL into a file, whole or not at all.

    The usual loop over `iter_content` leaves half a file under the final name
    when the connection breaks, and starts over. Here the data goes to a file
    beside `path`, which is renamed when all of it has come, so `path` always
    is the old file or the new one. After a cut the rest is asked for, from the
    first byte that is missing, on condition that the file on the server is
    still the same (`If-Range`); if it changed, all of it comes again.

    Args:
        url: What to download.
        path: The file to make, or to replace. Its folder must exist.
        progress: Called as `progress(received, total)` after each piece, in
            bytes; `total` is None where the server does not say.
        sha256: The expected SHA-256, in hexadecimal.
        retries: A policy, or how many retries. Each request counts.
        deadline: The time for all of it, in seconds.
        max_bytes: The largest file, in bytes.
        session: Whose keys, proxies and certificates to use; by default a new
            one. Its limits do not count here.
        sleep: Waits between two tries, in seconds.
        headers: Sent with each request.
        options: As for `get`: `timeout`, `verify`, `auth`, `params`, ...

    Returns:
        The path, when the file is complete and there.

    Raises:
        RequestError: It could not be completed; every kind is an `OSError`.
            `StatusError` is a refusal, `WrongHash` another content.
        OSError: The file could not be written.
        ValueError: `sha256` is no SHA-256.

    To allow a resumption the server must send a strong ETag; without one, parts
    of two versions could end up in one file, so all of it is asked for again.
    Nothing is kept for a later call.

    Source: RFC 9110, section 13.1.5 (If-Range) and section 14 (ranges).
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(
            f"{target} is a folder: give the name of a file in it"
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {str(target.parent)!r} to write "
            f"{target.name!r} in: make it first"
        )
    limit = Deadline.of(deadline)
    options.update(stream=True, retries=0, deadline=limit, max_bytes=max_bytes)
    with contextlib.ExitStack() as stack:
        part = Part(stack.enter_context(beside(target)), sha256)
        part.progress, part.max_bytes = progress, max_bytes
        client = session or stack.enter_context(Session())

        def ask() -> requests.Response:
            wanted = {**(headers or {}), **part.conditions()}
            return client.get(url, headers=wanted, **options)

        _complete(part, ask, RetryPolicy.of(retries), limit, sleep)
        part.check_hash()
    return target


def _complete(
    part: Part,
    ask: Callable[[], requests.Response],
    policy: RetryPolicy,
    deadline: Deadline,
    sleep: Callable[[float], object],
) -> None:
    """Ask until the part is the whole, as often as the policy allows."""
    for tried in itertools.count(1):
        try:
            with ask() as response:
                part.take(response)
            return
        except RequestError as error:
            pause = _pause(error, tried, policy, deadline)
            if pause is None:
                error.tries = tried
                raise
        sleep(pause)


def _pause(
    error: RequestError, tried: int, policy: RetryPolicy, deadline: Deadline
) -> float | None:
    """Return the seconds before the next request; None if it was the last."""
    if error.failure is None:
        return None
    retry_after = None
    if error.response is not None:
        retry_after = error.response.headers.get("Retry-After")
    pause = policy.delay(tried, "GET", error.failure, retry_after=retry_after)
    left = deadline.remaining()
    if pause is None or (left is not None and pause >= left):
        return None
    return pause
