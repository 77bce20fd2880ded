"""Keep what has come in a file beside the path, and rename it at the end."""

import os
import tempfile
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

TRIES = 10


def download(url: str, path: Path) -> None:
    # In the same folder: only within one file system is a rename one step.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "wb") as file:
            fetch(url, file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def fetch(url: str, file) -> None:
    etag = None
    for _ in range(TRIES):
        try:
            etag, complete = ask(url, file, etag)
        except (ConnectionError, TimeoutError, HTTPException):
            complete = False  # no answer: nothing has changed
        if complete:
            return
    raise OSError(f"{url} is not complete after {TRIES} requests")


def ask(url: str, file, etag: str | None) -> tuple[str | None, bool]:
    """Send one request, write what comes; return the ETag, and whether all."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept-Encoding": "identity"}
    if etag:
        headers |= {"Range": f"bytes={file.tell()}-", "If-Range": etag}
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        if 400 <= answer.status < 500:
            raise OSError(f"{url}: {answer.status} {answer.reason}")
        if answer.status not in (200, 206):
            return etag, False
        if answer.status == 200:  # from the beginning, perhaps another version
            file.seek(0)
            file.truncate()
        missing = int(answer.headers["Content-Length"])
        # Asked for so many bytes, http.client gives what there is before the
        # end, and raises nothing: the count tells.
        while piece := answer.read(65_536):
            file.write(piece)
            missing -= len(piece)
        return answer.headers["ETag"], not missing
    finally:
        connection.close()
