"""The errors of an API client: all of them are an `APIError`.

    APIError (OSError)
    ├── Unreachable (ConnectionError)  no answer, or it broke in the middle
    └── TooLate     (TimeoutError)     no answer within the time that was given

An `APIError` itself has a status where there was an answer: it said no (400 and
up), or what it said makes no sense. The error of the layer below is its
`__cause__`; it is one of requests's as well.
"""

from typing import Any

import requests

from netbasics.aio.answers import decode_json, excerpt, refusal
from netbasics.clients import RequestError
from netbasics.errors import APIError, ConnectionClosed, ProtocolError
from netbasics.urls import redact

__all__ = [
    "TooLate",
    "Unreachable",
    "decoded",
    "nonsense",
    "refused",
    "unanswered",
]

# Answers that have no body, so there is nothing to decode.
_NO_CONTENT = frozenset({204, 205, 304})


class Unreachable(APIError, ConnectionError):
    """There was no connection, or it broke before the answer was whole."""


class TooLate(APIError, TimeoutError):
    """The answer, or a turn of the rate limiter, did not come in time."""


def unanswered(error: Exception, what: str, url: str) -> APIError:
    """Return the error for a request that got no whole answer.

    Args:
        error: What the layer below raised.
        what: The request, safe to show: "GET http://example.org/".
        url: The URL of it, without its secrets.
    """
    kind: type[APIError] = APIError
    if isinstance(error, TimeoutError):
        kind = TooLate
    elif isinstance(error, ProtocolError):
        pass  # some of them are connection errors to requests
    elif isinstance(error, requests.ConnectionError | ConnectionClosed):
        kind = Unreachable
    text = str(error)
    made = kind(text if what in text else f"{what}: {text}", url=url)
    made.__cause__ = _without_secrets(error)
    return made


def _without_secrets(error: BaseException) -> BaseException:
    """Return an error without what may hold the headers of the request.

    That is the request itself, the traceback, whose frames have it among their
    variables, and each error behind it but those of the system: one about a
    line that is no status line quotes what came, and servers echo.
    """
    if isinstance(error, RequestError):
        error.request = error.response = None
    root = error.__cause__
    error.__cause__ = None
    if isinstance(root, OSError):
        error.__cause__ = root.with_traceback(None)
    error.__suppress_context__ = True
    return error.with_traceback(None)


def refused(response: requests.Response) -> APIError | None:
    """Return the error for a response that says no, or None."""
    request = response.request
    method, url = request.method or "", request.url or ""
    if response.status_code < 400:
        return _turned_into_get(response)
    return refusal(
        method, url, response.status_code, response.headers, response.content
    )


def _turned_into_get(response: requests.Response) -> APIError | None:
    """Refuse the answer to a request whose method a redirect has changed.

    For 301 and 302 all clients turn a POST into a GET: what was to be created
    is not there, and the list that comes instead looks like success.
    (RFC 9110, 15.4.2; a 303 means it.)
    """
    for step in response.history:
        method = step.request.method or ""
        if step.status_code in (301, 302) and method not in ("GET", "HEAD"):
            where = redact(step.headers.get("Location", ""))
            return APIError(
                f"{method} {redact(step.url)}: redirected to {where}, and the "
                f"method is lost on the way: correct the base URL or the "
                "endpoint (https? a slash at the end?)",
                status=step.status_code,
                url=redact(step.url),
            )
    return None


def decoded(
    response: requests.Response,
    expect: type | tuple[type, ...] | None = None,
) -> Any:
    """Return the JSON of a response; None if it has no content.

    Args:
        response: A response that does not say no.
        expect: The type that the JSON must have, or several of them.

    Raises:
        ValueError: It is not JSON, or of another type.
    """
    if response.status_code in _NO_CONTENT:
        return None
    data = decode_json(response.content)
    if expect is not None and not isinstance(data, expect):
        kinds = expect if isinstance(expect, tuple) else (expect,)
        wanted = " or ".join(_shape(kind) for kind in kinds)
        raise ValueError(f"it is {_shape(type(data))}, expected was {wanted}")
    return data


def _shape(kind: type) -> str:
    """Return what JSON calls the values that are of a type in Python.

    >>> _shape(dict), _shape(int), _shape(type(None))
    ('an object', 'a number', 'null')
    """
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        int: "a number",
        float: "a number",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(kind, kind.__name__)


def nonsense(response: requests.Response, why: str) -> APIError:
    """Return the error for a response that cannot be used."""
    request = response.request
    kind = response.headers.get("Content-Type", "")
    shown = excerpt(response.content, kind)
    return APIError(
        f"{request.method} {redact(request.url)}: {response.status_code}, but "
        f"{why}; what came ({kind or 'no Content-Type'}): {shown}",
        status=response.status_code,
        url=redact(request.url),
        body=response.content[:800].decode("utf-8", "replace")[:200],
    )
