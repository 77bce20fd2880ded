"""Three users APIs, one behaviour: compared request by request."""

import http.client
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest
from playground_requests import REQUESTS

from netbasics.playground import (
    DIFFERENCES,
    Store,
    users_fastapi,
    users_flask,
    users_stdlib,
)
from netbasics.servers import serve

APIS = {
    "http.server": users_stdlib.create_handler,
    "Flask": users_flask.create_app,
    "FastAPI": users_fastapi.create_app,
}
KEPT = ("Location", "Allow", "Link")


class Answer:
    """What a client got: all that the API defines."""

    def __init__(self, status, headers, body):
        self.status = status
        self.json = json.loads(body) if body else None
        self.headers = {name: headers.get(name) for name in KEPT}
        # Of nothing, each framework says another type.
        self.kind = headers.get("Content-Type") if body else None

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return repr(vars(self))


def with_urllib(base, ask, folder):
    data = ask.body
    if data is not None and not ask.length:
        data = iter([data])  # urllib sends it in chunks
    request = urllib.request.Request(base + ask.target, data, method=ask.method)
    if ask.kind is not None:
        request.add_header("Content-Type", ask.kind)
    try:
        response = urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return Answer(response.status, response.headers, response.read())


def with_curl(base, ask, folder):
    command = ["curl", "--silent", "--show-error", "--max-time", "20"]
    command += ["--path-as-is", "--globoff", "--request", ask.method]
    head, body = folder / "head", folder / "body"
    body.write_bytes(b"")  # curl leaves it alone if nothing comes
    command += ["--dump-header", head, "--output", body]
    command += ["--header", f"Content-Type: {ask.kind or ''}".strip()]
    if ask.body is not None:
        sent = folder / "sent"
        sent.write_bytes(ask.body)
        command += ["--data-binary", f"@{sent}"]
    if not ask.length:
        command += ["--header", "Transfer-Encoding: chunked"]
    subprocess.run([*command, base + ask.target], check=True, timeout=30)
    # The last head: before it may come a "100 Continue".
    last = head.read_bytes().strip().split(b"\r\n\r\n")[-1]
    line, _, rest = last.partition(b"\r\n")
    headers = dict(field.split(": ", 1) for field in rest.decode().splitlines())
    headers = {name.title(): value for name, value in headers.items()}
    return Answer(int(line.split()[1]), headers, body.read_bytes())


def answers(make, client, folder):
    """The answers of one API, on a fresh store, to all requests in turn."""
    with Store() as store, serve(make(store)) as server:
        found = [client(server.url, ask, folder) for ask in REQUESTS]
        assert server.errors == []
    return found


def test_the_list_covers_every_endpoint_well_and_badly():
    assert len(REQUESTS) > 70
    for method, path in [
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/"),
        ("PUT", "/users/"),
        ("PATCH", "/users/"),
        ("DELETE", "/users/"),
    ]:
        statuses = {
            ask.status // 100
            for ask in REQUESTS
            if ask.method == method and ask.target.startswith(path)
        }
        assert statuses >= {2, 4}, (method, path)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "client",
    [
        with_urllib,
        pytest.param(
            with_curl,
            marks=pytest.mark.skipif(
                shutil.which("curl") is None, reason="curl is not installed"
            ),
        ),
    ],
    ids=["urllib", "curl"],
)
def test_the_three_give_the_same_answers(client, tmp_path):
    found = {
        name: answers(make, client, tmp_path) for name, make in APIS.items()
    }
    expected = found["http.server"]
    for number, ask in enumerate(REQUESTS):
        for name in APIS:
            answer = found[name][number]
            assert answer.status == ask.status, (name, ask, answer)
            assert answer == expected[number], (name, ask)


@pytest.fixture(params=APIS, ids=str)
def api(request):
    with Store() as store, serve(APIS[request.param](store)) as server:
        yield server
        assert server.errors == []


def ask(server, method, target, body=None, headers=None):
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    try:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def as_json(server, method, target, value):
    headers = {"Content-Type": "application/json"}
    return ask(server, method, target, json.dumps(value), headers)


def test_a_user_is_created_read_replaced_changed_and_deleted(api):
    lin = {"name": "Lin", "email": "lin@example.com"}
    created = as_json(api, "POST", "/users", lin)
    place = created.headers["Location"]
    assert (created.status, created.json) == (201, {"id": 6, **lin})
    assert place == "/users/6"
    user = ask(api, "GET", place).json
    assert user == created.json
    user["name"] = "Lin Clark"  # what GET gave can be PUT again
    assert as_json(api, "PUT", place, user).json == user
    changed = as_json(api, "PATCH", place, {"email": "l@example.com"})
    assert changed.json == {**user, "email": "l@example.com"}
    gone = ask(api, "DELETE", place)
    assert (gone.status, gone.json) == (204, None)
    assert ask(api, "GET", place).json == {"error": "there is no user 6"}


def test_every_refusal_has_a_reason(api):
    answer = as_json(api, "POST", "/users", {"name": 5, "emial": ""})
    assert answer.json == {
        "error": "the body is not valid",
        "fields": {
            "name": "must be a string, not a number",
            "email": "is missing",
            "emial": "is not a field of a user",
        },
    }


def test_pages_can_be_read_by_number_link_and_cursor(api):
    def numbers(users):
        return [user["id"] for user in users]

    by_number, page = [], 1
    while users := ask(api, "GET", f"/users?page={page}&limit=2").json:
        by_number += numbers(users)
        page += 1

    by_link, target = [], "/users?limit=2"
    while target:
        answer = ask(api, "GET", target)
        by_link += numbers(answer.json)
        links = answer.headers["Link"].split(", ")
        following = [each for each in links if 'rel="next"' in each]
        target = following[0][1:].partition(">")[0] if following else None

    by_cursor, cursor = [], ""
    while cursor is not None:
        answer = ask(api, "GET", f"/users?cursor={cursor}&limit=2").json
        by_cursor += numbers(answer["items"])
        cursor = answer["cursor"]

    assert by_number == by_link == by_cursor == [1, 2, 3, 4, 5]


def test_one_connection_serves_many_requests_after_unwanted_bodies(api):
    """What is left of one request must not be taken for the next."""
    connection = http.client.HTTPConnection(*api.address, timeout=20)
    smuggled = b"DELETE /users/1 HTTP/1.1\r\nHost: x\r\n\r\n"
    for method, target in [
        ("GET", "/users/2"),
        ("DELETE", "/users/99"),
        ("POST", "/nothing"),
        ("PUT", "/users"),
    ]:
        connection.request(method, target, smuggled)
        connection.getresponse().read()
    connection.request("GET", "/users/1")
    response = connection.getresponse()
    assert (response.status, json.load(response)["id"]) == (200, 1)
    connection.close()


HEAD = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
LONG = HEAD + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (b"GET /users?page=\xff" + HEAD + b"\r\n", {400}),
        (b"GET /users?x=\xc3\xa9" + HEAD + b"\r\n", {400}),
        (b"GET /users/\xff" + HEAD + b"\r\n", {400, 422}),
        (b"GET http://[/users" + HEAD + b"\r\n", {200, 404}),
        (b"POST /users" + HEAD + b"Content-Length: -5\r\n\r\n{}", {400}),
        (b"POST /users" + HEAD + b"Content-Length: x\r\n\r\n{}", {400}),
        (
            b"POST /users" + HEAD + b"Content-Length: 2\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            {400, 415},
        ),
        (
            b"POST /users" + HEAD + b"Content-Length: 2\r\n"
            b"Content-Length: 3\r\n\r\n{}",
            {400},
        ),
        (
            b"POST /users" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
            b"zz\r\n{}\r\n0\r\n\r\n",
            {400},
        ),
        # The client goes away in the middle: uvicorn then says nothing.
        (b"POST /users" + LONG + b"{}", {400, None}),
        (b"PUT /users/1" + LONG + b"{}", {400, None}),
    ],
    ids=repr,
)
def test_what_is_hardly_http_is_refused_and_the_server_goes_on(
    api, raw, statuses
):
    with socket.create_connection(api.address, timeout=20) as sock:
        sock.sendall(raw)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while data := sock.recv(65536):
            answer += data
    status = int(answer.split()[1]) if answer else None
    assert status in statuses
    assert ask(api, "GET", "/users/1").status == 200


def test_the_store_that_fails_is_a_503_with_a_reason():
    for make in APIS.values():
        store = Store()
        with serve(make(store)) as server:
            store.close()
            answer = ask(server, "GET", "/users/1")
            assert answer.status == 503
            assert "is closed" in answer.json["error"]


def measured(difference):
    """What each API answers: the status, and where it redirects to."""
    found = []
    for make in APIS.values():
        with Store() as store, serve(make(store)) as server:
            connection = http.client.HTTPConnection(*server.address, timeout=20)
            connection.request(difference.method, difference.target)
            response = connection.getresponse()
            found.append((response.status, response.read()))
            connection.close()
    return found


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.what)
def test_where_they_differ_they_do(difference):
    found = measured(difference)
    assert not found[0] == found[1] == found[2]
    assert all(status < 500 for status, _ in found)


def test_users_fastapi_has_a_page_that_needs_no_internet():
    with Store() as store, serve(users_fastapi.create_app(store)) as server:
        with urllib.request.urlopen(server.url + "/docs") as page:
            html = page.read().decode()
        with urllib.request.urlopen(server.url + "/openapi.json") as page:
            paths = json.load(page)["paths"]
    assert "swagger-ui" in html
    assert "http:" not in html
    assert "https:" not in html
    assert list(paths) == ["/users", "/users/{user_id}"]
