"""Put the parts of the textbook API together, with one form of error."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from netbasics.errors import NetbasicsError
from netbasics.playground import users_fastapi
from netbasics.playground.refusals import explain
from netbasics.playground.store import Store
from netbasics.playground.strict_fastapi import TO_NOBODY, from_pydantic
from netbasics.playground.textbook import (
    accounts,
    allowance,
    basics,
    github,
    trouble,
)

__all__ = ["create_app"]

ABOUT = """
What tutorials ask of public services, answered on this machine.

* Sign in at `/login` as `octocat` with the password `secret`.
* The token for `/private` is `practice-token`.
* `POST /reset` forgets all sessions, tries and limits.
"""


class Problem(BaseModel):
    """An error, in the form that api.github.com gives it."""

    message: str
    errors: list[dict[str, str]] = []
    documentation_url: str
    status: str


def create_app(store: Store) -> FastAPI:
    """Make the textbook API, for `servers.serve()`.

    Args:
        store: The users of `/users`, 25 of them in the playground.

    Returns:
        An app with a state of its own: who is signed in, how often each key
        has failed, how many requests each key has left.
    """
    app = FastAPIOffline(
        title="Textbook API",
        description=ABOUT,
        responses={422: {"model": Problem, "description": "Not valid"}},
        **TO_NOBODY,
    )
    sessions, troubles = accounts.Sessions(), trouble.Troubles()
    left = allowance.Allowance()
    app.add_middleware(allowance.Counted, allowance=left)
    app.include_router(github.create_router(store), tags=["like GitHub"])
    app.include_router(users_fastapi.create_router(store), tags=["users"])
    app.include_router(accounts.create_router(sessions), tags=["accounts"])
    app.include_router(basics.create_router(), tags=["basics"])
    app.include_router(trouble.create_router(troubles), tags=["trouble"])

    @app.post("/reset", status_code=204)
    async def reset() -> None:
        """Forget who is signed in, who has failed and who asked how often."""
        sessions.clear()
        troubles.clear()
        left.clear()

    add_errors(app)
    return app


def add_errors(app: FastAPI) -> None:
    """Answer every error as GitHub does: JSON with a `message`."""

    @app.exception_handler(NetbasicsError)
    async def refused(request: Request, error: Exception) -> Response:
        no = explain(error)
        reason = "Not Found" if no.status == 404 else no.reason
        return problem(no.status, reason, no.headers, no.fields)

    @app.exception_handler(RequestValidationError)
    async def invalid(
        request: Request, error: RequestValidationError
    ) -> Response:
        return await refused(request, from_pydantic(error))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, error.detail, error.headers)


def problem(
    status: int,
    message: str,
    headers: Mapping[str, str] | None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    """Return an error in the form that api.github.com gives it."""
    body: dict[str, Any] = {"message": message}
    if fields:
        body["errors"] = [
            {"field": name, "message": wrong} for name, wrong in fields.items()
        ]
    body |= {"documentation_url": "/docs", "status": str(status)}
    return JSONResponse(body, status, headers)
