"""What FastAPI must be told to read requests as strictly as this API does.

FastAPI lets a program put its own route class under all endpoints; that is the
one place between finding the endpoint and reading the body.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from netbasics.playground.bodies import check_length, read_object
from netbasics.playground.listing import check_query
from netbasics.playground.refusals import Refused, not_valid
from netbasics.playground.rules import IS_MISSING, IS_UNKNOWN

__all__ = ["NO_TELEMETRY", "StrictRoute", "from_pydantic", "one_meaning"]

# Recent versions of FastAPI report each request to a collector if variables of
# the environment (OTEL_...) name one. Older ones ignore the setting.
NO_TELEMETRY = {
    "auto_configure": False,
    "tracing": False,
    "metrics": False,
    "logs": False,
}

WORDS = {"missing": IS_MISSING, "extra_forbidden": IS_UNKNOWN}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Look at a body before FastAPI does, whose parser takes NaN."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler of this route."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field:
                check_length(request.headers)
                kind = request.headers.get("Content-Type")
                # FastAPI reads it again, from the same place.
                read_object(kind, await request.body())
            return await handler(request)

        return strict


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
        str(each["loc"][1]): WORDS.get(each["type"])
        or str(each["ctx"]["error"])
        for each in found
        if each["loc"][0] == where
    }
    return not_valid(where, fields)
