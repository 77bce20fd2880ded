"""The textbook API: what it answers, and what it refuses."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbasics.playground import PEOPLE, Store
from netbasics.playground.textbook import create_app
from netbasics.playground.textbook.trouble import MAX_KEYS, Troubles
from netbasics.retries import parse_retry_after
from netbasics.servers import serve


@pytest.fixture(scope="module")
def server():
    with Store(users=PEOPLE) as store, serve(create_app(store)) as server:
        yield server
        assert server.errors == []


@pytest.fixture
def api(server):
    """A session that knows the base URL, on counters that are zero."""
    with requests.Session() as session:

        def ask(method, path, **options):
            options = {"timeout": 20, "allow_redirects": False, **options}
            return session.request(method, server.url + path, **options)

        assert ask("POST", "/reset").status_code == 204
        yield ask


def test_an_account_has_the_fields_of_github(api):
    user = api("GET", "/users/octocat").json()
    assert user["login"] == "octocat"
    assert user["name"] == "The Octocat"
    fields = "id type url html_url repos_url company location bio email blog"
    more = "public_repos followers following created_at updated_at"
    assert set(f"{fields} {more}".split()) <= set(user)
    assert api("GET", "/users/OCTOCAT").json() == user


def test_links_lead_back_to_the_same_server(api, server):
    user = api("GET", "/users/octocat").json()
    assert user["repos_url"].startswith(server.url)
    repositories = requests.get(user["repos_url"], timeout=20).json()
    assert len(repositories) == user["public_repos"] == 2
    for repository in repositories:
        again = requests.get(repository["url"], timeout=20).json()
        assert again == repository


def test_a_repository_has_the_fields_of_github(api):
    found = api("GET", "/repos/requests/requests").json()
    assert found["full_name"] == "requests/requests"
    assert "HTTP" in found["description"]
    assert found["owner"]["login"] == "requests"
    assert found["stargazers_count"] > 0
    fields = "name private html_url fork language forks_count license topics"
    assert set(fields.split()) <= set(found)


@pytest.mark.parametrize(
    "path", ["/users/nobody", "/repos/octocat/none", "/users/99", "/none"]
)
def test_what_is_not_there_is_said_as_github_says_it(api, path):
    response = api("GET", path)
    assert response.status_code == 404
    assert response.json() == {
        "message": "Not Found",
        "documentation_url": "/docs",
        "status": "404",
    }


def test_users_are_paged_in_all_three_ways(api):
    everybody = [name for name, _ in PEOPLE]
    names, page = [], 1
    while users := api("GET", f"/users?page={page}&limit=10").json():
        names += [user["name"] for user in users]
        page += 1
    assert names == everybody
    assert page == 4

    names, path = [], "/users?limit=10"
    while path:
        response = api("GET", path)
        names += [user["name"] for user in response.json()]
        path = response.links.get("next", {}).get("url")
    assert names == everybody

    names, cursor = [], ""
    while cursor is not None:
        piece = api("GET", "/users", params={"cursor": cursor}).json()
        names += [user["name"] for user in piece["items"]]
        cursor = piece["cursor"]
    assert names == everybody

    assert len(api("GET", "/users").json()) == 20  # unless a limit is given


def test_a_user_is_created_changed_and_deleted(api):
    lin = {"name": "Lin", "email": "lin@example.com"}
    created = api("POST", "/users", json=lin)
    place = created.headers["Location"]
    assert created.status_code == 201
    assert api("GET", place).json() == created.json()
    assert api("PATCH", place, json={"name": "L"}).json()["name"] == "L"
    assert api("PUT", place, json=lin).json() == created.json()
    assert api("DELETE", place).status_code == 204
    assert api("GET", place).status_code == 404


def test_a_refused_user_says_why(api):
    response = api("POST", "/users", json={"name": 5})
    assert response.status_code == 422
    assert {each["field"] for each in response.json()["errors"]} == {
        "name",
        "email",
    }


def test_data_is_sent_once_to_who_keeps_its_etag(api):
    first = api("GET", "/data")
    etag = first.headers["ETag"]
    assert first.json()["values"]
    for tag in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = api("GET", "/data", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
    other = api("GET", "/data", headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


def test_data_says_what_it_received(api):
    response = api("POST", "/data", json={"a": [1, 2]})
    assert response.status_code == 201
    assert response.json() == {"received": {"a": [1, 2]}}


def test_a_form_sets_a_cookie_and_the_cookie_opens_a_page(api):
    assert api("GET", "/profile").status_code == 401
    assert "<form" in api("GET", "/login").text
    form = {"username": "octocat", "password": "secret"}
    welcome = api("POST", "/login", data=form)
    assert welcome.json() == {"message": "Welcome, octocat"}
    cookie = welcome.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "secret" not in cookie
    assert api("GET", "/profile").json() == {"username": "octocat"}
    assert api("POST", "/logout").status_code == 204
    assert api("GET", "/profile").status_code == 401


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"username=octocat&password=wrong"),
        (401, b"username=eve&password=secret"),
        (401, b"password=%F0%9F%98%80&username=octocat"),
        (401, b""),
        (400, b"username=%FF"),
        (400, b"\xff"),
        (400, b"&".join(b"a=1" for _ in range(1000))),
        (413, b"a" * (1 << 21)),
    ],
)
def test_a_form_that_does_not_sign_in(api, status, body):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    response = api("POST", "/login", data=body, headers=kind)
    assert response.status_code == status
    assert response.json()["message"]
    assert "Set-Cookie" not in response.headers


def test_a_form_must_be_a_form(api):
    assert api("POST", "/login", json={"username": "o"}).status_code == 415


def test_a_token_opens_the_private_page(api):
    def private(value):
        return api("GET", "/private", headers={"Authorization": value})

    missing = api("GET", "/private")
    assert missing.status_code == 401
    assert missing.headers["WWW-Authenticate"] == "Bearer"
    for wrong in ("Bearer x", "Bearer", "bearer practice-token2"):
        response = private(wrong)
        assert response.status_code == 401
        assert "invalid_token" in response.headers["WWW-Authenticate"]
    assert private("Basic abc").headers["WWW-Authenticate"] == "Bearer"
    assert private("Bearer practice-token").status_code == 200
    assert private("bearer practice-token").status_code == 200


def test_redirects_end_where_they_should(api):
    response = api("GET", "/redirect?times=3", allow_redirects=True)
    assert len(response.history) == 3
    assert response.json() == {"method": "GET", "body": ""}


@pytest.mark.parametrize(
    ("status", "method"),
    [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")],
)
def test_what_becomes_of_a_post(api, status, method):
    path = f"/redirect?status={status}"
    response = api("POST", path, data="x=1", allow_redirects=True)
    assert response.history[0].status_code == status
    body = "x=1" if method == "POST" else ""
    assert response.json() == {"method": method, "body": body}


def test_slow_is_as_slow_as_asked_and_not_in_the_way_of_others(api, server):
    start = time.monotonic()
    with requests.Session() as other, pytest.raises(requests.ReadTimeout):
        other.get(server.url + "/slow?seconds=10", timeout=0.2)
    assert api("GET", "/slow?seconds=0.2").json() == {"seconds": 0.2}
    assert 0.4 <= time.monotonic() - start < 5


def test_flaky_fails_so_many_times_for_each_key(api):
    def statuses(key, **params):
        params = {"key": key, **params}
        return [
            api("GET", "/flaky", params=params).status_code for _ in range(4)
        ]

    assert statuses("a") == [503, 503, 200, 200]
    assert statuses("b", fails=1, status=500) == [500, 200, 200, 200]
    assert statuses("c", fails=0) == [200, 200, 200, 200]
    api("POST", "/reset")
    assert statuses("a", fails=3) == [503, 503, 503, 200]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_limited_says_how_long_to_wait_and_means_it(api, form):
    params = {"key": form, "limit": 2, "per": 0.5, "form": form}

    def ask():
        return api("GET", "/limited", params=params)

    while ask().status_code == 200:  # on a busy machine the window passes
        pass
    refused = ask()
    while refused.status_code == 200:
        refused = ask()
    assert refused.status_code == 429
    value = refused.headers["Retry-After"]
    if form == "date":
        assert parsedate_to_datetime(value)
    wait = parse_retry_after(value, now=time.time())
    assert 0 <= wait <= 2
    time.sleep(wait)
    assert ask().status_code == 200


def test_limited_counts_each_key_alone(api):
    def ask(key):
        params = {"key": key, "limit": 2, "per": 60}
        return api("GET", "/limited", params=params)

    assert [ask("a").json().get("remaining") for _ in range(3)] == [1, 0, None]
    assert ask("b").headers["X-RateLimit-Remaining"] == "1"
    assert ask("a").headers["X-RateLimit-Remaining"] == "0"


def test_a_window_by_a_clock_that_the_test_turns():
    now = [100.0]
    troubles = Troubles(clock=lambda: now[0])
    ask = troubles.another_request
    assert ask("k", 2, 10.0) == (1, 10.0)
    now[0] += 4
    assert ask("k", 2, 10.0) == (0, 6.0)
    assert ask("k", 2, 10.0) == (-1, 6.0)
    assert ask("k", 2, 10.0) == (-1, 6.0)
    now[0] += 6
    assert ask("k", 2, 10.0) == (1, 10.0)


def test_keys_are_forgotten_before_they_fill_the_memory():
    troubles = Troubles()
    for number in range(3 * MAX_KEYS):
        troubles.another_try(f"key {number}")
    assert troubles.another_try(f"key {3 * MAX_KEYS - 1}") == 2
    assert troubles.another_try("key 0") == 1
    assert len(troubles._tries._values) == MAX_KEYS


def test_each_app_has_a_state_of_its_own(server):
    with Store(users=PEOPLE) as store, serve(create_app(store)) as other:
        for url in (server.url, other.url):
            response = requests.get(url + "/flaky?key=own&fails=1", timeout=20)
            assert response.status_code == 503


@pytest.mark.parametrize(
    "path",
    [
        "/slow?seconds=NaN",
        "/slow?seconds=11",
        "/slow?seconds=-1",
        "/slow?seconds=" + "9" * 5000,
        "/flaky?fails=" + "9" * 40,
        "/flaky?status=404",
        "/flaky?key=" + "x" * 101,
        "/limited?limit=0",
        "/limited?per=nan",
        "/limited?form=other",
        "/redirect?times=0",
        "/redirect?times=51",
        "/redirect?status=304",
        "/users?page=" + "9" * 40,
        "/users?page=1&page=2",
        "/users/" + "9" * 40,
    ],
)
def test_values_out_of_range_are_refused_with_a_reason(api, path):
    response = api("GET", path)
    assert response.status_code == 422
    assert response.json()["errors"][0]["message"]


SEGMENTS = st.sampled_from(
    [
        "users",
        "repos",
        "octocat",
        "requests",
        "data",
        "login",
        "profile",
        "private",
        "flaky",
        "limited",
        "redirect",
        "landed",
        "reset",
        "logout",
        "1",
        "99",
    ]
) | st.text(max_size=8).map(urllib.request.quote)
NAMES = [
    "page",
    "limit",
    "cursor",
    "key",
    "fails",
    "status",
    "per",
    "form",
    "times",
]
VALUES = st.text(max_size=8) | st.integers().map(str)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    segments=st.lists(SEGMENTS, max_size=4),
    query=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=3),
    body=st.binary(max_size=40),
    kind=st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "x"]
    ),
    cookie=st.text('abc=;" ', max_size=10),
    tags=st.text('*",W/ ', max_size=10),
)
@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_makes_it_fail(
    server, method, segments, query, body, kind, cookie, tags
):
    response = requests.request(
        method,
        server.url + "/" + "/".join(segments),
        # A lone "status" would ask for a 500, and slow would be slow.
        params=[(name, value) for name, value in query if name != "status"],
        data=body,
        headers={
            "Content-Type": kind,
            "Cookie": cookie.strip(),
            "If-None-Match": tags.strip(),
        },
        allow_redirects=False,
        timeout=20,
    )
    assert response.status_code < 500 or "/flaky" in response.url
    if response.status_code >= 400:
        assert response.json()["message"]


class Links(HTMLParser):
    """All that a page loads or links to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [v for k, v in attrs if k in ("src", "href")]


def test_the_interactive_page_needs_no_internet(api):
    html = api("GET", "/docs").text
    links = Links()
    links.feed(html)
    assert any("swagger-ui-bundle.js" in target for target in links.found)
    assert not re.search(r"(https?:)?//\w", html), "another host is named"
    for target in links.found:
        asset = api("GET", target)
        assert (asset.status_code, bool(asset.content)) == (200, True)
    # It would ask a public server whether the description is valid.
    assert re.search(r'"validatorUrl": null', html)


def test_there_is_no_page_that_loads_pictures_from_elsewhere(api):
    assert api("GET", "/redoc").status_code == 404


def test_the_description_names_every_endpoint(api):
    schema = api("GET", "/openapi.json").json()
    paths = set(schema["paths"])
    assert {
        "/users",
        "/users/{login}",
        "/users/{user_id}",
        "/repos/{owner}/{name}",
        "/data",
        "/login",
        "/profile",
        "/private",
        "/slow",
        "/flaky",
        "/limited",
        "/redirect",
        "/reset",
    } <= paths
    form = schema["paths"]["/login"]["post"]["requestBody"]["content"]
    assert "application/x-www-form-urlencoded" in form


def test_no_telemetry_whatever_the_environment_asks(tmp_path):
    """The collector that the environment names is never contacted."""
    code = """
import json, socket, urllib.request
collector = socket.create_server(("127.0.0.1", 0))
collector.settimeout(0.3)
import os
host, port = collector.getsockname()
os.environ |= {
    "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}:{port}",
}
from netbasics import playground
with playground.run() as play:
    for url in (play.textbook, play.users_fastapi):
        urllib.request.urlopen(url + "/users/1").read()
try:
    collector.accept()
except TimeoutError:
    print("silent")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (done.stdout, done.stderr) == ("silent\n", "")


def test_the_settings_against_telemetry_are_those_of_this_fastapi():
    app = create_app(Store(users=()))
    telemetry = getattr(app, "_telemetry", None)
    if telemetry is None:
        pytest.skip("this version of FastAPI has no telemetry")
    off = ["auto_configure", "tracing", "metrics", "logs"]
    assert not any(telemetry[name] for name in off)


def test_the_page_about_json_errors_is_json_even_for_nan(api):
    kind = {"Content-Type": "application/json"}
    response = api("POST", "/users", data='{"name": NaN}', headers=kind)
    assert response.status_code == 400
    assert "NaN" in json.loads(response.content)["message"]
