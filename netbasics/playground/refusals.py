"""How the users API says no: a status, a reason in JSON, perhaps a header.

    {"error": "the body is not valid", "fields": {"email": "is missing"}}

The three apps raise `Refused` (or meet an error of the store or of their own
framework) and send what is in it, each in its own way.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from netbasics.errors import (
    ConnectionClosed,
    LimitExceeded,
    NetbasicsError,
    ProtocolError,
)
from netbasics.playground.store_errors import EmailTaken, NoSuchUser

__all__ = ["MAX_BODY", "Refused", "explain", "framework_error", "not_valid"]

#: The longest body that is read, in bytes.
MAX_BODY = 1024 * 1024

# RFC 9110, 15.5.6: a 405 must list what the path does know. Flask would add
# HEAD and OPTIONS, which it answers by itself; FastAPI would list the methods
# of one function only.
ALLOW_ALL = "GET, POST"
ALLOW_ONE = "GET, PUT, PATCH, DELETE"


class Refused(NetbasicsError, ValueError):
    """A request is answered with a 4xx, and why.

    Args:
        status: The HTTP status code.
        reason: One sentence for the person who wrote the client.
        fields: What is wrong with each field, for a program or a form.
        headers: Headers that belong to this status.

    Example:
        >>> Refused(404, "there is no user 99").body
        {'error': 'there is no user 99'}
    """

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """What is sent as JSON."""
        if self.fields:
            return {"error": self.reason, "fields": self.fields}
        return {"error": self.reason}


def not_valid(where: str, fields: Mapping[str, str]) -> Refused:
    """Refuse values: 422, "understood, but not possible" (RFC 9110, 15.5.21).

    Args:
        where: `"path"`, `"query"` or `"body"`.
        fields: What is wrong, by the name of the value.
    """
    return Refused(422, f"the {where} is not valid", fields=fields)


def explain(error: Exception) -> Refused:
    """Translate an error that knows no status codes into a refusal.

    Example:
        >>> explain(NoSuchUser(99)).status
        404
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, NoSuchUser):
        return Refused(404, str(error))
    if isinstance(error, EmailTaken):
        return Refused(409, str(error), fields={"email": "is taken"})
    if isinstance(error, LimitExceeded):
        return framework_error(413, "", "")
    if isinstance(error, ProtocolError | ConnectionClosed):
        return Refused(400, str(error))
    # The request was fine, the disk is not: the one 5xx that is deserved.
    return Refused(503, str(error))


def framework_error(status: int, path: str, reason: str) -> Refused:
    """Say in the API's words what a framework found out by itself.

    Args:
        status: The status code that it chose.
        path: The path of the request, decoded.
        reason: Its own words, for the statuses that the API does not define.

    Example:
        >>> framework_error(405, "/users", "").headers
        {'Allow': 'GET, POST'}
    """
    if status == 404:
        return Refused(404, "there is nothing here; try /users or /users/1")
    if status == 413:
        return Refused(413, f"the body is longer than {MAX_BODY} bytes")
    if status == 405:
        allow = ALLOW_ALL if path == "/users" else ALLOW_ONE
        return Refused(
            405, f"this path allows only {allow}", headers={"Allow": allow}
        )
    return Refused(status, reason or HTTPStatus(status).phrase)
