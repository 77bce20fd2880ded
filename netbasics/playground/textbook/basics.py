"""Some data with an ETag, and redirects."""

import hashlib
import json
from enum import IntEnum
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import RedirectResponse

from netbasics.playground.strict_fastapi import StrictRoute, read_body

__all__ = ["create_router"]

DATA = {
    "title": "Example data",
    "values": [3, 1, 4, 1, 5, 9, 2, 6],
    "unit": "apples",
}


class Redirect(IntEnum):
    """The statuses of a redirect (RFC 9110, 15.4)."""

    MOVED_PERMANENTLY = 301
    FOUND = 302
    SEE_OTHER = 303
    TEMPORARY_REDIRECT = 307
    PERMANENT_REDIRECT = 308


def create_router() -> APIRouter:
    """Make the endpoints, which keep nothing."""
    router = APIRouter(route_class=StrictRoute)

    @router.get("/data", response_model=None)
    async def data(
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """Return some data; 304 to a client that has it already."""
        body = json.dumps(DATA).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if matches(if_none_match, etag):
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, "application/json")

    @router.post("/data", status_code=201)
    async def add_data(body: dict[str, Any]) -> dict[str, Any]:
        """Return what came; nothing is kept."""
        return {"received": body}

    @router.get("/redirect", response_model=None)
    @router.post("/redirect", response_model=None)
    async def redirect(
        times: Annotated[int, Query(ge=1, le=50)] = 1,
        status: Redirect = Redirect.FOUND,
    ) -> Response:
        """Redirect so many times, to /landed in the end."""
        target = "/landed"
        if times > 1:
            target = f"/redirect?times={times - 1}&status={status.value}"
        return RedirectResponse(target, status.value)

    @router.get("/landed")
    @router.post("/landed")
    async def landed(request: Request) -> dict[str, str]:
        """Say with which method and body the client has come here."""
        body = await read_body(request)
        return {
            "method": request.method,
            "body": body.decode("utf-8", "replace"),
        }

    return router


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether the client has this version (RFC 9110, 13.1.2).

    >>> matches('"a", W/"b"', '"b"')
    True
    """
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
