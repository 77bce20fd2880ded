"""No request makes the three users APIs differ, or fail."""

import contextlib
import http.client
import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbasics.playground import (
    Store,
    users_fastapi,
    users_flask,
    users_stdlib,
)
from netbasics.servers import serve

TEXT = st.text(max_size=12)
NUMBERS = st.integers().map(str) | st.integers(0, 8).map(str)
WORDS = NUMBERS | TEXT | st.text("0123456789", max_size=50)
NAMES = st.sampled_from(["page", "limit", "cursor", "other"]) | TEXT


def segment(text):
    """Quote it, without what DIFFERENCES lists: empty parts, a line feed."""
    while "//" in text:
        text = text.replace("//", "/")
    return quote(text.strip("\n/"), safe="")


SEGMENTS = WORDS.map(segment).filter(bool)
PATHS = st.one_of(
    st.just("/users"),
    SEGMENTS.map("/users/{}".format),
    st.lists(SEGMENTS, min_size=1, max_size=3).map(
        lambda parts: "/" + "/".join(parts)
    ),
)
PAIRS = st.tuples(NAMES, WORDS).map(
    lambda pair: "=".join(quote(text, safe="+") for text in pair)
)
QUERIES = st.lists(PAIRS | st.sampled_from(["%FF", "&", ";", "%", "="]))

KEYS = st.sampled_from(["name", "email", "id"]) | TEXT
EMAILS = st.sampled_from([f"{name}@example.com" for name in "abcdeA"])
VALUES = st.recursive(
    EMAILS
    | st.text(st.characters(), max_size=12)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)
    ),
    max_leaves=5,
)
GOOD = st.fixed_dictionaries(
    {}, optional={"name": st.text(min_size=1, max_size=9), "email": EMAILS}
)
# With escapes and without; with NaN and half surrogate pairs now and then.
DOCUMENTS = st.one_of(GOOD, st.dictionaries(KEYS, VALUES), VALUES)
BODIES = st.one_of(
    DOCUMENTS.map(json.dumps).map(str.encode),
    DOCUMENTS.map(
        lambda value: json.dumps(value, ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    ),
    st.binary(max_size=30),
    st.tuples(DOCUMENTS.map(json.dumps), st.integers(0, 40)).map(
        lambda pair: pair[0][: pair[1]].encode()
    ),
)
KINDS = st.sampled_from(
    [
        *["application/json"] * 5,
        "application/json;charset=utf-8",
        "application/json ;;",
        "text/json",
        "application/json, text/plain",
    ]
) | st.text("aplictonjs/;+ \"'=", min_size=1, max_size=20).map(str.strip)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"])


@pytest.fixture(scope="module")
def servers():
    makers = [
        users_stdlib.create_handler,
        users_flask.create_app,
        users_fastapi.create_app,
    ]
    with contextlib.ExitStack() as stack:
        running = []
        for make in makers:
            store = stack.enter_context(Store())
            running.append(stack.enter_context(serve(make(store))))
        yield running
        assert [server.errors for server in running] == [[], [], []]


def ask(server, method, target, body, kind):
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    headers = {"Content-Type": kind} if kind else {}
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        raw = response.read()
    finally:
        connection.close()
    kept = [response.getheader(n) for n in ("Location", "Allow", "Link")]
    return response.status, json.loads(raw) if raw else None, kept


@given(
    method=METHODS,
    path=PATHS,
    query=QUERIES,
    body=st.none() | BODIES,
    kind=st.none() | KINDS,
)
@settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.timeout(180)
def test_any_request_gets_one_answer(servers, method, path, query, body, kind):
    target = path + ("?" + "&".join(query) if query else "")
    expected, *others = [
        ask(server, method, target, body, kind) for server in servers
    ]
    assert [expected, expected] == others
    status, found, _ = expected
    assert status < 500
    if status >= 400:
        assert found["error"]


@given(body=BODIES | DOCUMENTS.map(json.dumps).map(str.encode))
@settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.timeout(180)
def test_any_body_gets_one_answer(servers, body):
    for method, path in [("POST", "/users"), ("PATCH", "/users/1")]:
        expected, *others = [
            ask(server, method, path, body, "application/json")
            for server in servers
        ]
        assert [expected, expected] == others
        assert expected[0] in (200, 201, 400, 404, 409, 422)
