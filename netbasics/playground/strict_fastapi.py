"""What FastAPI must be told to read requests as strictly as this API does.

FastAPI lets a program put its own route class under all endpoints; that is the
one place between finding the endpoint and reading the body.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from netbasics.playground.bodies import read_object
from netbasics.playground.listing import check_query
from netbasics.playground.refusals import (
    MAX_BODY,
    Refused,
    framework_error,
    not_valid,
)
from netbasics.playground.rules import IS_MISSING, IS_UNKNOWN

__all__ = [
    "TO_NOBODY",
    "StrictRoute",
    "from_pydantic",
    "one_meaning",
    "read_body",
]

#: Settings under which FastAPI, and its page, talk to nobody else.
TO_NOBODY: dict[str, Any] = {
    # Recent versions report each request to a collector if variables of the
    # environment (OTEL_...) name one. Older ones ignore the setting.
    "telemetry": {
        "auto_configure": False,
        "tracing": False,
        "metrics": False,
        "logs": False,
    },
    # The page at /docs would ask a public validator; the one at /redoc loads a
    # picture from elsewhere.
    "swagger_ui_parameters": {"validatorUrl": None},
    "redoc_url": None,
}

WORDS = {"missing": IS_MISSING, "extra_forbidden": IS_UNKNOWN}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Look at a body before FastAPI does, whose parser takes NaN."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler of this route."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if not self.body_field:
                return await handler(request)
            body = await read_body(request)
            read_object(request.headers.get("Content-Type"), body)

            async def again() -> dict[str, Any]:
                return {"type": "http.request", "body": body}

            return await handler(Request(request.scope, again))

        return strict


async def read_body(request: Request) -> bytes:
    """Read the whole body, up to the limit.

    `request.body()` of older versions of FastAPI has none, and a body in chunks
    does not say beforehand how long it will be.

    Raises:
        Refused: 413 if it is longer than the limit, 400 if the client went away
            (nobody reads that, but it is no error of ours).
    """
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                raise framework_error(413, request.url.path, "")
    except ClientDisconnect:
        raise Refused(400, "the client closed before its body ended") from None
    return bytes(body)


async def one_meaning(request: Request) -> None:
    """Refuse a query that can be read in two ways, as a dependency."""
    check_query(request.url.query)


def from_pydantic(error: RequestValidationError) -> Refused:
    """Say in the API's words what Pydantic found.

    FastAPI's own reply repeats the input, and fails with a 500 where that
    cannot be written as JSON (NaN).
    """
    found = error.errors()
    where = found[0]["loc"][0]  # the path comes before the query and the body
    fields = {
        str(each["loc"][-1]): _words(each)
        for each in found
        if each["loc"][0] == where
    }
    return not_valid(where, fields)


def _words(found: dict[str, Any]) -> str:
    """Return the message of our rule; where there is none, Pydantic's."""
    if found["type"] in WORDS:
        return WORDS[found["type"]]
    return str(found.get("ctx", {}).get("error") or found["msg"])
