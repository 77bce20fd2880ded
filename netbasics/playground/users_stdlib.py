"""The users API on `http.server`: nothing but the standard library.

Read it beside `users_flask.py` and `users_fastapi.py`: the same six endpoints
in the same order. What follows them here is what a framework does for you:
finding the function for a path, reading the body, writing headers, answering
errors. `http.server` is for learning and for tools; it is no production server.
"""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote

from netbasics.errors import NetbasicsError
from netbasics.playground.bodies import read_object, take_body
from netbasics.playground.listing import check_query, list_users
from netbasics.playground.refusals import explain, framework_error
from netbasics.playground.rules import (
    list_query,
    path_id,
    some_fields,
    whole_user,
)
from netbasics.playground.store import Store

__all__ = ["create_handler"]

Endpoints = dict[str, Callable[..., None]]
NO_HEADERS: Mapping[str, str] = {}


def create_handler(store: Store) -> type[BaseHTTPRequestHandler]:
    """Make a handler class over this store, for `servers.serve()`.

    A class and not an object: `http.server` makes one object of it for every
    connection.
    """

    class UsersHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # 1.0 closes after each reply
        problem: NetbasicsError | None
        # Headers and body are two writes; the second would wait 40 ms for the
        # receiver's delayed acknowledgement of the first.
        disable_nagle_algorithm = True

        def list_users(self) -> None:
            check_query(self.query)
            query = dict(parse_qsl(self.query, keep_blank_values=True))
            users, headers = list_users(store, *list_query(query))
            self.reply(200, users, headers)

        def get_user(self, user_id: str) -> None:
            self.reply(200, store.get(path_id(user_id)))

        def create_user(self) -> None:
            user = store.create(**whole_user(self.json_body()))
            self.reply(201, user, {"Location": f"/users/{user['id']}"})

        def replace_user(self, user_id: str) -> None:
            body = self.json_body()
            user = store.replace(path_id(user_id), **whole_user(body))
            self.reply(200, user)

        def change_user(self, user_id: str) -> None:
            body = self.json_body()
            user = store.change(path_id(user_id), **some_fields(body))
            self.reply(200, user)

        def delete_user(self, user_id: str) -> None:
            store.delete(path_id(user_id))
            self.reply(204)

        def do_GET(self) -> None:
            path, _, self.query = self.path.partition("?")
            self.body, self.problem = b"", None
            try:
                self.body = take_body(self.headers, self.rfile)
            except NetbasicsError as error:
                self.problem = error  # of who wants a body: see json_body()
                self.close_connection = True
            try:
                self.route(unquote(path))
            except NetbasicsError as error:
                no = explain(error)
                self.reply(no.status, no.body, no.headers)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def route(self, path: str) -> None:
            match path.split("/"):
                case ["", "users"]:
                    endpoints, arguments = all_users, []
                case ["", "users", user_id] if user_id:
                    endpoints, arguments = one_user, [user_id]
                case _:
                    raise framework_error(404, path, "")
            if self.command not in endpoints:
                raise framework_error(405, path, "")
            endpoints[self.command](self, *arguments)

        def json_body(self) -> dict[str, Any]:
            if self.problem:
                raise self.problem
            return read_object(self.headers.get("Content-Type"), self.body)

        def reply(
            self,
            status: int,
            body: Any = None,
            headers: Mapping[str, str] = NO_HEADERS,
        ) -> None:
            text = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        def send_error(
            self, code: int, message: str | None = None, explain: Any = None
        ) -> None:
            if code == 501:  # it found no do_BREW
                return self.do_GET()
            # Other mistakes in a request's first lines; not with a web page.
            self.close_connection = True
            no = framework_error(code, "", message or "")
            return self.reply(no.status, no.body, no.headers)

    all_users: Endpoints = {
        "GET": UsersHandler.list_users,
        "POST": UsersHandler.create_user,
    }
    one_user: Endpoints = {
        "GET": UsersHandler.get_user,
        "PUT": UsersHandler.replace_user,
        "PATCH": UsersHandler.change_user,
        "DELETE": UsersHandler.delete_user,
    }
    return UsersHandler
