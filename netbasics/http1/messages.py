"""What a message is, once it has been read."""

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Headers", "Message", "Request", "Response"]

Headers = list[tuple[str, str]]


class Message:
    """What requests and responses have in common; see them for the rest."""

    headers: Headers
    body: bytes
    version: str
    trailers: Headers

    def get_all(self, name: str) -> list[str]:
        """Return the values of a header; its case does not matter."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return a header's value, or `default`.

        Several headers of one name are one list with commas (RFC 9110, 5.3).
        For `Set-Cookie` that is wrong, for historical reasons: use `get_all`.
        """
        values = self.get_all(name)
        return ", ".join(values) if values else default

    def tokens(self, name: str) -> list[str]:
        """Return a header's comma-separated words in lower case."""
        parts = (self.get(name) or "").lower().split(",")
        return [part.strip() for part in parts if part.strip()]

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may be used again (RFC 9112, 9.3)."""
        options = self.tokens("Connection")
        if "close" in options:
            return False
        return self.version == "1.1" or "keep-alive" in options

    @property
    def text(self) -> str:
        """The body as text, by the charset it states, else UTF-8.

        What cannot be decoded becomes a replacement sign.
        """
        for part in (self.get("Content-Type") or "").split(";")[1:]:
            key, _, value = part.strip().partition("=")
            if key.lower() == "charset":
                try:
                    return self.body.decode(value.strip("\"' "), "replace")
                except (LookupError, ValueError):  # unknown; "idna"
                    break
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the decoded JSON of the body.

        Raises:
            ValueError: It is no JSON, or nested too deeply.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def _facts(self) -> str:
        # Counts and not contents: headers carry keys, bodies carry data.
        return f"{len(self.headers)} headers, {len(self.body)} bytes"


@dataclass(frozen=True, repr=False)
class Response(Message):
    """An answer.

    Attributes:
        status: The status code, such as 404.
        reason: The same in words; may be empty.
        headers: Pairs of name and value, as they came, in their order.
        body: The body, whole, with its chunks put together.
        version: `"1.1"` or `"1.0"`.
        trailers: The headers that came behind a chunked body.

    Example:
        >>> response = Response(404, "Not Found", [("X-Id", "7")])
        >>> response, response.get("x-id")
        (<Response 404 Not Found, 1 headers, 0 bytes>, '7')
    """

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    version: str = "1.1"
    trailers: Headers = field(default_factory=list)

    def __repr__(self) -> str:
        line = f"{self.status} {self.reason}".strip()
        return f"<Response {line}, {self._facts()}>"


@dataclass(frozen=True, repr=False)
class Request(Message):
    """A question.

    Attributes:
        method: What is to be done, such as `"GET"`.
        target: To what, as it was sent: usually path and query.
        headers: Pairs of name and value, as they came, in their order.
        body: The body, whole, with its chunks put together.
        version: `"1.1"` or `"1.0"`.
        trailers: The headers that came behind a chunked body.

    Example:
        >>> Request("GET", "/", [("Host", "example.com")])
        <Request GET /, 1 headers, 0 bytes>
    """

    method: str
    target: str
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    version: str = "1.1"
    trailers: Headers = field(default_factory=list)

    def __repr__(self) -> str:
        path = self.target.partition("?")[0]  # a query may carry a key
        return f"<Request {self.method} {path}, {self._facts()}>"
