"""The users API on FastAPI.

Read it beside `users_stdlib.py` and `users_flask.py`: the same six endpoints in
the same order. FastAPI reads the types in the functions' signatures: it parses
path, query and body, refuses what does not fit, and describes it all at
`/docs`, where each endpoint can be tried. Our rules hang on those types.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.exceptions import HTTPException

from netbasics.errors import NetbasicsError
from netbasics.playground import listing, rules
from netbasics.playground.refusals import explain, framework_error
from netbasics.playground.store import Store
from netbasics.playground.strict_fastapi import (
    TO_NOBODY,
    StrictRoute,
    from_pydantic,
    one_meaning,
)

__all__ = ["create_app", "create_router"]

Name = Annotated[
    str, BeforeValidator(rules.name), Field(examples=["Lin Clark"])
]
Email = Annotated[
    str, BeforeValidator(rules.email), Field(examples=["lin@example.com"])
]
UserId = Annotated[int, BeforeValidator(rules.user_id)]
Page = Annotated[int, BeforeValidator(rules.page)]
Limit = Annotated[int, BeforeValidator(rules.limit)]
Cursor = Annotated[int, BeforeValidator(rules.cursor)]


class WholeUser(BaseModel):
    """What POST and PUT send; an id is let pass and ignored."""

    model_config = ConfigDict(extra="forbid")
    id: Any = Field(default=None, exclude=True)
    name: Name
    email: Email


class SomeFields(WholeUser):
    """What PATCH sends: what is left out stays as it is."""

    name: Name = ""
    email: Email = ""


class User(BaseModel):
    """What is sent back."""

    id: int
    name: str
    email: str


class Piece(BaseModel):
    """A piece of the list, and the cursor for the next one."""

    items: list[User]
    cursor: str | None


class Problem(BaseModel):
    """What is sent instead, and why."""

    error: str
    fields: dict[str, str] = {}


def create_router(store: Store) -> APIRouter:
    """Make the endpoints; the textbook API has them too."""
    # Plain functions, not coroutines: FastAPI runs them in threads, where
    # waiting for the database holds up nobody else.
    router = APIRouter(route_class=StrictRoute)

    @router.get(
        "/users",
        response_model=list[User] | Piece,
        dependencies=[Depends(one_meaning)],
    )
    def list_users(
        response: Response,
        page: Page | None = None,
        limit: Limit = rules.DEFAULT_LIMIT,
        cursor: Cursor | None = None,
    ) -> Any:
        users, headers = listing.list_users(store, page, limit, cursor)
        response.headers.update(headers)
        return users

    @router.get("/users/{user_id}")
    def get_user(user_id: UserId) -> User:
        return User(**store.get(user_id))

    @router.post("/users", status_code=201)
    def create_user(body: WholeUser, response: Response) -> User:
        user = User(**store.create(body.name, body.email))
        response.headers["Location"] = f"/users/{user.id}"
        return user

    @router.put("/users/{user_id}")
    def replace_user(user_id: UserId, body: WholeUser) -> User:
        return User(**store.replace(user_id, body.name, body.email))

    @router.patch("/users/{user_id}")
    def change_user(user_id: UserId, body: SomeFields) -> User:
        fields = body.model_dump(exclude_unset=True)
        return User(**store.change(user_id, **fields))

    @router.delete("/users/{user_id}", status_code=204)
    def delete_user(user_id: UserId) -> None:
        store.delete(user_id)

    return router


def create_app(store: Store) -> FastAPI:
    """Make the ASGI app over this store, for `servers.serve()`."""
    # FastAPIOffline is FastAPI whose page at /docs loads nothing from a CDN.
    app = FastAPIOffline(title="Users", **TO_NOBODY)
    problem = {"model": Problem, "description": "What is not valid, and why"}
    app.include_router(create_router(store), responses={422: problem})

    @app.exception_handler(NetbasicsError)
    async def refused(request: Request, error: Exception) -> Response:
        refusal = explain(error)
        return JSONResponse(refusal.body, refusal.status, refusal.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(
        request: Request, error: RequestValidationError
    ) -> Response:
        return await refused(request, from_pydantic(error))

    @app.exception_handler(HTTPException)
    async def fastapi_error(request: Request, error: HTTPException) -> Response:
        path, status = request.url.path, error.status_code
        return await refused(
            request, framework_error(status, path, error.detail)
        )

    return app
