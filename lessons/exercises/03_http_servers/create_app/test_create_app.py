"""Checks create_app."""

import json
from http.client import HTTPConnection

import pytest
from create_app import create_app

from netbasics import servers

ADA = {"name": "Ada"}


class Client:
    """Asks an app through a real server; its mistakes see the last answer."""

    def __init__(self, check):
        self.check = check
        self.app = check.call(create_app)
        check.that(
            callable(getattr(self.app, "wsgi_app", None)),
            "that it returns a Flask application",
            f"it returned {self.app!r:.100}",
        )
        self.server = check.keep(servers.serve(self.app))
        self.method, self.status, self.headers, self.text = "", 0, {}, b""

    def ask(self, method, body=None, kind="application/json"):
        self.method = method
        connection = HTTPConnection(*self.server.address, timeout=5)
        headers = {"Content-Type": kind} if kind and body is not None else {}
        connection.request(method, "/items", body, headers)
        answer = connection.getresponse()
        self.status, self.headers = answer.status, answer.headers
        self.text = answer.read()
        connection.close()

    def expect(self, status, what):
        got = f"the status {self.status}, with the body {self.text!r:.200}"
        self.check.that(self.status == status, f"{what}: {status}", got)

    def data(self, what):
        self.check.mistake(
            "It is no JSON: `str` of a list looks like it, but has other "
            "quotes. Return the list itself, or `jsonify(...)`.",
            lambda it: not is_json(self.text),
        )
        self.check.that(
            is_json(self.text), f"{what}: JSON", f"{self.text!r:.200}"
        )
        return json.loads(self.text)

    def items(self):
        self.ask("GET")
        self.expect(200, "GET /items")
        return self.data("GET /items")

    def create(self, item):
        check = self.check
        check.mistake(
            "The item was made, but the status is the usual one. 201 says "
            "that something new was created; in Flask, return it behind the "
            "body: `return item, 201`.",
            lambda it: self.method == "POST" and self.status == 200,
        )
        self.ask("POST", json.dumps(item).encode())
        self.expect(201, f"POST of {json.dumps(item)}")
        check.mistake(
            "The answer has no header Location, so the client does not know "
            "where the new item is: `return item, 201, {'Location': ...}`.",
            lambda it: (
                self.method == "POST" and self.headers["Location"] is None
            ),
        )
        made = self.data("the answer to the POST")
        check.that(
            isinstance(made, dict) and "id" in made,
            "an object with an `id`",
            f"{made!r:.200}",
        )
        check.equal(
            self.headers["Location"], f"/items/{made['id']}", "Location"
        )
        return made


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_empty_at_first(check):
    """The client asks a new application: GET /items."""
    client = Client(check)
    check.equal(client.items(), [], "the list")


def test_create(check):
    """The client sends a POST with an object, then asks for the list."""
    client = Client(check)
    made = client.create(ADA)
    check.equal(made, ADA | {"id": made["id"]}, "the new item")
    check.equal(client.items(), [made], "the list")


def test_two_applications(check):
    """The client creates an item in one application and asks another."""
    client, other = Client(check), Client(check)
    client.create(ADA)
    check.mistake(
        "The two applications share one list. Make it inside `create_app`, "
        "so that each call makes a new one.",
        lambda it: b"Ada" in other.text,
    )
    check.equal(other.items(), [], "the other list")


def test_three_items(check):
    """The client creates three items, the last of them an empty object."""
    client = Client(check)
    check.mistake(
        "An empty dict is false, so `if not data` takes it for nothing. It is "
        "an object all the same: ask `isinstance(data, dict)`.",
        lambda it: client.status == 400,
    )
    made = [
        client.create(item) for item in (ADA, {"name": "Zoë", "n": [1]}, {})
    ]
    check.equal(len({item["id"] for item in made}), 3, "how many ids there are")
    check.equal(client.items(), made, "the list")


def test_an_id_of_the_client(check):
    """The client creates an item, then sends another with the same id."""
    client = Client(check)
    first = client.create(ADA)
    check.mistake(
        "The client's own `id` won, and now two items have the same one. The "
        "server gives out the ids: put yours last.",
        lambda it: client.status == 201,
    )
    second = client.create({"name": "Bob", "id": first["id"]})
    check.that(
        second["id"] != first["id"], "another id", f"{second['id']!r} again"
    )
    check.equal(second["name"], "Bob", "the name")
    check.equal(client.items(), [first, second], "the list")


@pytest.mark.parametrize("body", ["[1, 2]", '"Ada"', "17", "null", "[]"])
def test_json_that_is_no_object(check, body):
    """The client posts JSON that is a list, a string, a number or null."""
    client = Client(check)
    check.mistake(
        "The JSON was no object, and the code took it for a dict all the "
        "same. Ask `isinstance(data, dict)` first.",
        lambda it: client.status == 500,
    )
    client.ask("POST", body.encode())
    client.expect(400, f"POST of {body}")
    check.equal(client.items(), [], "the list")


@pytest.mark.parametrize("body", [b"", b'{"name": "Ada"', b"\xff\xfe{}"])
def test_no_json(check, body):
    """The client posts nothing, half an object, and bytes that are no text."""
    client = Client(check)
    client.ask("POST", body)
    client.expect(400, f"POST of {body!r}")
    check.equal(client.items(), [], "the list")


@pytest.mark.parametrize("body", [b"name=Ada", None])
def test_another_content_type(check, body):
    """The client posts a form, or nothing, without a word of JSON."""
    client = Client(check)
    check.mistake(
        "`get_json()` looks at Content-Type first and answers 415 by itself. "
        "`get_json(force=True)` looks at the body only.",
        lambda it: client.status == 415,
    )
    client.ask("POST", body, "application/x-www-form-urlencoded")
    client.expect(400, f"POST of {body!r}")
    check.equal(client.items(), [], "the list")
