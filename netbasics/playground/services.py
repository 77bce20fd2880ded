"""What the playground serves, how each service is made, and what to ask it.

A service is made when it is first wanted: importing all the frameworks takes a
second, and most steps of a lesson need one of them.
"""

import json
import logging
import os
from typing import Any, NamedTuple

from netbasics.playground.store import Store

__all__ = ["PEOPLE", "SERVICES", "make_app", "requests_to_try"]

#: The users of the textbook API: to read them all takes several pages.
PEOPLE = tuple(
    (f"Learner {number}", f"learner{number}@example.com")
    for number in range(1, 26)
)

#: The services, by name, with what each one is.
SERVICES = {
    "users_stdlib": "the users API on http.server",
    "users_flask": "the users API on Flask",
    "users_fastapi": "the users API on FastAPI; see /docs",
    "textbook": "what tutorials ask of api.github.com and api.example.com; "
    "see /docs",
    "httpbin": "httpbin: it says what it was sent",
}


def make_app(name: str, store: Store, people: Store) -> Any:
    """Make the app of a service, for `servers.serve()`.

    Args:
        name: One of `SERVICES`.
        store: The users of the three users APIs.
        people: The users of the textbook API.
    """
    match name:
        case "users_stdlib":
            from netbasics.playground import users_stdlib

            return users_stdlib.create_handler(store)
        case "users_flask":
            from netbasics.playground import users_flask

            return users_flask.create_app(store)
        case "users_fastapi":
            from netbasics.playground import users_fastapi

            return users_fastapi.create_app(store)
        case "textbook":
            from netbasics.playground import textbook

            return textbook.create_app(people)
        case "httpbin":
            # It says on the screen that its front page would like to have
            # another package, and takes any DEBUG=1 for its own.
            logging.getLogger("httpbin.core").setLevel(logging.ERROR)
            from httpbin import app

            app.debug = False
            return app
    raise KeyError(name)


class Try(NamedTuple):
    """A request to try: what it shows, curl's arguments, and JSON to send.

    In the arguments, `URL` stands for the service's URL. Those with a `?` are
    quoted: some shells look for a file of that name.
    """

    what: str
    arguments: str
    body: dict[str, str] | None = None


USERS = (
    Try("the users, two to a page", '-i "URL/users?page=1&limit=2"'),
    Try("the same, by cursor", '-i "URL/users?cursor=&limit=2"'),
    Try("one user", "URL/users/1"),
    Try(
        "create a user",
        "-i URL/users",
        {"name": "Lin Clark", "email": "lin@example.com"},
    ),
    Try(
        "replace a user",
        "-X PUT URL/users/1",
        {"name": "Ada King", "email": "ada@example.com"},
    ),
    Try("change a user", "-X PATCH URL/users/1", {"name": "Ada"}),
    Try("delete a user", "-i -X DELETE URL/users/2"),
    Try("a user that is not there", "-i URL/users/99"),
    Try("a page that is no number", '-i "URL/users?page=first"'),
)

TEXTBOOK = (
    Try("an account, as on api.github.com", "URL/users/octocat"),
    Try("a repository, as there", "URL/repos/requests/requests"),
    Try("one that is not there", "-i URL/repos/octocat/nothing"),
    Try("some data, with an ETag", "-i URL/data"),
    Try("the users, ten to a page", '-i "URL/users?page=1&limit=10"'),
    Try(
        "a form that sets a cookie",
        '-i URL/login -d "username=octocat&password=secret"',
    ),
    Try("a token", '-H "Authorization: Bearer practice-token" URL/private'),
    Try("slow: it takes a second", '"URL/slow?seconds=1"'),
    Try("flaky: it fails twice, then works", '-i "URL/flaky?key=me&fails=2"'),
    Try("limited: five a second, then 429", '-i "URL/limited?key=me"'),
    Try("three redirects, followed", '-L "URL/redirect?times=3"'),
)

HTTPBIN = (
    Try("what a GET sends", '"URL/get?a=1"'),
    Try("what a form sends", 'URL/post -d "a=1&b=2"'),
    Try("a status of your choice", "-i URL/status/418"),
    Try("a name and a password", "-u me:secret URL/basic-auth/me/secret"),
    Try("a compressed reply", "--compressed URL/gzip"),
)

REQUESTS = {
    "users_stdlib": USERS,
    "users_flask": USERS,
    "users_fastapi": USERS,
    "textbook": TEXTBOOK,
    "httpbin": HTTPBIN,
}


def requests_to_try(name: str, url: str) -> list[tuple[str, str]]:
    """Return what to ask a service: what it shows, and a curl command.

    Args:
        name: One of `SERVICES`.
        url: Where it is, without a slash at the end.

    Example:
        >>> for what, command in requests_to_try("httpbin", "http://h:1")[:1]:
        ...     print(f"{what}: {command}")
        what a GET sends: curl "http://h:1/get?a=1"
    """
    found = []
    for what, arguments, body in REQUESTS[name]:
        command = f"curl {arguments.replace('URL', url)}"
        if body is not None:
            command += ' -H "Content-Type: application/json"'
            command += f" -d {quoted(json.dumps(body))}"
        found.append((what, command))
    return found


def quoted(text: str) -> str:
    """Quote JSON for the shell of this system."""
    if os.name == "nt":  # cmd.exe knows only double quotes
        return '"' + text.replace('"', '\\"') + '"'
    return f"'{text}'"
