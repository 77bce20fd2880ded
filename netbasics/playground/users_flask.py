"""The users API on Flask.

Read it beside `users_stdlib.py` and `users_fastapi.py`: the same six endpoints
in the same order. Flask finds the function for a method and a path, makes JSON
of what it returns, answers HEAD and OPTIONS by itself, and turns exceptions
into replies. What a body must look like is still our own business.
"""

from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from netbasics.errors import NetbasicsError
from netbasics.playground import listing
from netbasics.playground.bodies import read_object
from netbasics.playground.refusals import MAX_BODY, explain, framework_error
from netbasics.playground.rules import (
    list_query,
    path_id,
    some_fields,
    whole_user,
)
from netbasics.playground.store import Store, User

__all__ = ["create_app"]

Reply = tuple[Any, int, dict[str, str]]


def create_app(store: Store) -> Flask:
    """Make the WSGI app over this store, for `servers.serve()`.

    A function that makes the app, and no global app: each test, and each
    server, has one of its own (Flask calls it an application factory).
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.get("/users")
    def list_users() -> Reply:
        listing.check_query(request.query_string.decode("latin-1"))
        query = list_query(request.args)
        users, headers = listing.list_users(store, *query)
        return users, 200, headers

    @app.get("/users/<user_id>")
    def get_user(user_id: str) -> User:
        return store.get(path_id(user_id))

    @app.post("/users")
    def create_user() -> Reply:
        user = store.create(**whole_user(json_body()))
        return user, 201, {"Location": f"/users/{user['id']}"}

    @app.put("/users/<user_id>")
    def replace_user(user_id: str) -> User:
        body = json_body()
        return store.replace(path_id(user_id), **whole_user(body))

    @app.patch("/users/<user_id>")
    def change_user(user_id: str) -> User:
        body = json_body()
        return store.change(path_id(user_id), **some_fields(body))

    @app.delete("/users/<user_id>")
    def delete_user(user_id: str) -> Reply:
        store.delete(path_id(user_id))
        return "", 204, {}

    def json_body() -> dict[str, Any]:
        # `request.get_json()` would do, if NaN and equal keys were welcome.
        body = request.get_data()
        return read_object(request.content_type, body)

    @app.errorhandler(NetbasicsError)
    def refused(error: Exception) -> Reply:
        refusal = explain(error)
        return refusal.body, refusal.status, refusal.headers

    @app.errorhandler(HTTPException)
    def flask_error(error: HTTPException) -> Reply:
        status, reason = error.code or 500, error.description or error.name
        return refused(framework_error(status, request.path, reason))

    return app
