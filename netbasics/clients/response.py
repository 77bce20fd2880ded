"""A response whose body has a limit, and whose errors say what happened."""

import json
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn

import requests
import urllib3
from requests.utils import stream_decode_response_unicode

from netbasics import urls
from netbasics.clients.calls import Call
from netbasics.clients.explaining import explain
from netbasics.clients.failures import (
    LimitExceeded,
    NotJSON,
    RequestError,
    StatusError,
)
from netbasics.clients.unpacking import CODINGS, unpack

__all__ = ["Response"]

CHUNK = 65536


class Response(requests.Response):
    """A `requests.Response` that cannot be mistaken for more than it is.

    A body that is too large, or shorter than announced, raises, and raises
    again if it is asked for once more. (In `requests` the second
    `response.content` after a failed one is `b""`, as if that were all.)

    Attributes:
        tries: How many requests it took, this one included.
    """

    __attrs__ = (*requests.Response.__attrs__, "tries")

    tries = 1
    _call: Call | None = None
    _failed: RequestError | None = None

    @classmethod
    def of(cls, plain: requests.Response, call: Call) -> "Response":
        """Return a response of requests as one of ours.

        Raises:
            LimitExceeded: Its headers announce more than the call allows.
        """
        response = cls()
        response.__dict__.update(plain.__dict__)
        response._call = call
        announced = response.raw.length_remaining
        # Of a compressed body it is known only while it is decompressed.
        if announced and "Content-Encoding" not in response.headers:
            response._refuse_above_limit(announced, announced)
        return response

    def load(self) -> None:
        """Read the whole body now, as `content` would do later."""
        self._content = b"".join(self._pieces(CHUNK))
        self._content_consumed = True

    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[Any]:
        """Yield the body in pieces as they arrive, decompressed.

        Args:
            chunk_size: The largest piece, in bytes; None for 64 KiB. A piece
                may be smaller: it is what has come so far.
            decode_unicode: Whether to yield text, by the response's encoding.

        Raises:
            LimitExceeded: More came than `max_bytes`.
            ConnectionLost: The body was cut off.
            DeadlineExceeded: The call's total time is over; it includes the
                time that the caller took between the pieces.
        """
        if self._content_consumed:
            return super().iter_content(chunk_size, decode_unicode)
        chunks: Iterator[Any] = self._pieces(chunk_size or CHUNK)
        if decode_unicode:
            decode: Any = stream_decode_response_unicode
            chunks = decode(chunks, self)
        return chunks

    def _pieces(self, size: int) -> Iterator[bytes]:
        yield from self.arriving(size)
        self._content_consumed = True

    def arriving(
        self, size: int = CHUNK, *, decompress: bool = True
    ) -> Iterator[bytes]:
        """Yield what arrives, at once; nothing of it is lost in an error.

        Args:
            size: The largest piece, in bytes.
            decompress: Whether to undo the Content-Encoding.
        """
        if self._failed:
            raise self._failed
        coding = self.headers.get("Content-Encoding", "").lower()
        ours = decompress and coding in CODINGS
        pieces = self._received(size, decode_content=decompress and not ours)
        if ours:
            pieces = unpack(pieces, coding, size)
        total = 0
        failed = None
        try:
            for piece in pieces:
                total += len(piece)
                self._refuse_above_limit(total)
                yield piece
        except (urllib3.exceptions.HTTPError, zlib.error, EOFError) as error:
            failed = explain(error, self.request, self._limits, self)
        if failed:
            self._fail(failed)

    def _received(self, size: int, **options: bool) -> Iterator[bytes]:
        # read1, not read: on a cut, `read(size)` drops what it had so far.
        while piece := self.raw.read1(size, **options):
            yield piece

    @property
    def _limits(self) -> Call:
        return self._call or Call()

    def _refuse_above_limit(self, size: int, announced: int = 0) -> None:
        limit = self._limits.max_bytes
        if limit is None or size <= limit:
            return
        what = f"the body of {self.request.method} {urls.redact(self.url)}"
        self._fail(LimitExceeded(what, limit=limit, size=announced or None))

    def _fail(self, error: RequestError) -> NoReturn:
        """Remember the error for the next reader, give up, and raise it."""
        error.request, error.response = self.request, self
        self._failed = error
        self.close()
        raise error

    def json(self, **options: Any) -> Any:
        """Return the body decoded from JSON.

        In `requests` a body that is not in the charset its header names is
        decoded all the same, with a U+FFFD in place of each wrong byte: Zoë
        becomes `Zo�`, without an error.

        Args:
            options: As for `json.loads`.

        Raises:
            NotJSON: It is not JSON, or not in its charset.

        Source: RFC 8259, section 8.1 (JSON is in UTF-8).
        """
        try:
            return self._decode_json(options)
        except ValueError as error:
            reason = error
        shown = repr(self.content[:100].decode("utf-8", "replace"))
        failed = NotJSON(
            f"{self.request.method} {urls.redact(self.url)}: "
            f"{self.status_code}, but it is not JSON: {reason}; what came "
            f"({self.headers.get('Content-Type', 'no Content-Type')}): {shown}",
            reason=reason,
        )
        failed.request, failed.response = self.request, self
        raise failed

    def _decode_json(self, options: dict[str, Any]) -> Any:
        try:
            return json.loads(self.content, **options)
        except UnicodeDecodeError:
            # An old server may say, truly, that it is in another charset.
            named = self.headers.get("Content-Type", "").lower()
            if self.encoding is None or "charset" not in named:
                raise
            try:
                text = self.content.decode(self.encoding)
            except LookupError:  # no such charset
                text = ""
            if not text:
                raise
            return json.loads(text, **options)

    def raise_for_status(self) -> None:
        """Raise `StatusError` for a status of 400 or above.

        It is a `requests.HTTPError` with its usual message, but without the
        secrets of the URL, and with the number of tries if there were several.
        """
        text = ""
        try:
            super().raise_for_status()
        except requests.HTTPError as error:
            text = str(error).replace(self.url, urls.redact(self.url))
        if text:
            # Here, not above: an error that is raised while another one is
            # handled is chained to it, and that one has the URL in full.
            failed = StatusError(text)
            failed.failure, failed.tries = self.status_code, self.tries
            failed.request, failed.response = self.request, self
            raise failed
