"""What has come of a file so far, and what to ask for next."""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from netbasics import urls
from netbasics.clients.failures import (
    LimitExceeded,
    NotResumed,
    StatusError,
    WrongHash,
)

__all__ = ["Part", "Progress", "beside"]

Progress = Callable[[int, int | None], object]

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


@contextlib.contextmanager
def beside(target: Path) -> Iterator[BinaryIO]:
    """Open a new file that becomes `target` if the with-block succeeds.

    It is in the same folder, so that renaming it is one step: whoever opens
    `target` finds the old file or the new one, nothing in between. If the block
    fails it is removed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with beside(Path(folder, "a.txt")) as file:
    ...         _ = file.write(b"all of it")
    ...     Path(folder, "a.txt").read_bytes()
    b'all of it'
    """
    part = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    file = part.open("xb")
    try:
        with file:
            yield file
            file.flush()
            # Else a crash of the machine could leave the name without the data.
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


class Part:
    """The first bytes of one version of a file.

    Args:
        file: Where they are written.
        sha256: The hash of the whole, in hexadecimal, or None.

    Attributes:
        received: How many bytes have come.
        total: How many there are in all, or None.
        progress: Called after each piece.
        max_bytes: How many there may be.
    """

    def __init__(self, file: BinaryIO, sha256: str | None = None) -> None:
        if sha256 and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
            raise ValueError(
                f"sha256={sha256!r} is no SHA-256: that has 64 hexadecimal "
                "digits"
            )
        self._file = file
        self._sha256 = sha256
        self._hash = hashlib.sha256()
        self._etag: str | None = None
        self.received = 0
        self.total: int | None = None
        self.progress: Progress | None = None
        self.max_bytes: int | None = None

    def conditions(self) -> dict[str, str]:
        """Return the headers of the next request: all of it, or the rest."""
        # Ranges count bytes of what is sent, so that must not be compressed.
        wanted = {"Accept-Encoding": "identity"}
        if self.received and self._etag:
            wanted["Range"] = f"bytes={self.received}-"
            wanted["If-Range"] = self._etag
        return wanted

    def take(self, response: Any) -> None:
        """Add the body of a response: the rest, or everything from the start.

        Raises:
            RequestError: It is not complete after this response. `failure`
                says whether to ask again.
        """
        if response.status_code == 206:
            self._resume(response)
        elif response.status_code == 416 and self.received:
            self._forget(response, "the server has no such range")
        else:
            self._start(response)
        self._check_limit(response, self.total or 0)
        encoded = "Content-Encoding" in response.headers
        for piece in response.arriving(decompress=encoded):
            self._check_limit(response, self.received + len(piece))
            self._file.write(piece)
            self._hash.update(piece)
            self.received += len(piece)
            if self.progress:
                self.progress(self.received, self.total)
        if self.total is not None and self.received != self.total:
            raise _failed(response, NotResumed, "only a part of it came")

    def _start(self, response: Any) -> None:
        """Begin anew: the response has the whole file."""
        response.raise_for_status()
        if response.status_code != 200:
            status = f"{response.status_code} {response.reason}"
            error = _failed(response, StatusError, f"no file, but {status}")
            error.failure = None
            raise error
        self._reset()
        encoded = "Content-Encoding" in response.headers
        if not encoded:
            self.total = response.raw.length_remaining
            self._etag = _strong(response.headers.get("ETag"))

    def _resume(self, response: Any) -> None:
        """Go on where the last response ended, if that is what came."""
        header = response.headers.get("Content-Range", "")
        match = _RANGE.fullmatch(header)
        if not match or int(match[1]) != self.received:
            self._forget(response, f"not the range asked for: {header[:80]!r}")
        total = None if match[3] == "*" else int(match[3])
        etag = response.headers.get("ETag")
        if self.received == 0:
            self.total, self._etag = total, _strong(etag)
        elif total != self.total or (etag and etag != self._etag):
            self._forget(response, "part of another version of the file")

    def _forget(self, response: Any, reason: str) -> NoReturn:
        """Drop what came and raise: the next request asks for all of it."""
        self._reset()
        raise _failed(response, NotResumed, reason)

    def _reset(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self._etag = self.total = None
        self.received = 0

    def _check_limit(self, response: Any, size: int) -> None:
        if self.max_bytes is not None and size > self.max_bytes:
            url = urls.redact(response.url)
            raise LimitExceeded(f"the file at {url}", limit=self.max_bytes)

    def check_hash(self) -> None:
        """Compare the hash of what came with the one that was given.

        Raises:
            WrongHash: They differ.
        """
        found = self._hash.hexdigest()
        if self._sha256 and found != self._sha256.lower():
            raise WrongHash(
                f"the SHA-256 of the {self.received} bytes that came is "
                f"{found}, not {self._sha256.lower()}: another version, or "
                "changed on the way"
            )


def _strong(etag: str | None) -> str | None:
    """Return an ETag that stands for one exact sequence of bytes, or None.

    A weak one, `W/"..."`, stands for what means the same (RFC 9110, 8.8.3).
    """
    return etag if etag and re.fullmatch(r'"[^"]*"', etag) else None


def _failed(response: Any, kind: type[Any], reason: str) -> Any:
    error = kind(f"GET {urls.redact(response.url)}: {reason}")
    error.request, error.response = response.request, response
    return error
