"""The API client, against servers that do as they are told."""

import copy
import itertools
import json
import logging
import pickle
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.request

import pytest
import requests
from clients_help import (
    CLOSE,
    Site,
    answer,
    at_most,
    redirect,
    reset,
    then_close,
    unused_port,
)

from netbasics import apis, lab, playground
from netbasics.apis import APIClient, APIError, TooLate, Unreachable
from netbasics.deadlines import Deadline
from netbasics.errors import InvalidURL, LimitExceeded, NetbasicsError
from netbasics.limits import RateLimiter, RateLimitTimeout
from netbasics.retries import RetryPolicy, no_jitter

QUICK = RetryPolicy(tries=3, base=0.01, jitter=no_jitter)


def as_json(value, status="200 OK", **headers):
    headers.setdefault("Content_Type", "application/json")
    return answer(json.dumps(value).encode(), status, **headers)


def client(site, path="", **options):
    options.setdefault("retries", 0)
    return APIClient(site.url + path, **options)


# One request


def test_json_comes_back_decoded():
    with (
        Site([as_json({"name": "Ada"})]) as site,
        client(site, "/api/v1") as api,
    ):
        assert api.get("/users/1", params={"full": 1}) == {"name": "Ada"}
    (seen,) = site.seen
    assert (seen.method, seen.target) == ("GET", "/api/v1/users/1?full=1")
    assert seen["Accept"] == "application/json"


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_json_is_sent(method):
    with Site([as_json({"id": 1}, "201 Created")]) as site, client(site) as api:
        send = getattr(api, method)
        assert send("users", {"name": "Ada"}) == {"id": 1}
        assert send("users", json=[]) == {"id": 1}
        assert send("users") == {"id": 1}
        assert send("users", data={"name": "a b"}) == {"id": 1}
        assert send("users", {}, headers={"content-type": "x/y"}) == {"id": 1}
    one, two, nothing, form, other = site.seen
    assert one.method == method.upper()
    assert (one["Content-Type"], one.body) == (
        "application/json",
        b'{"name": "Ada"}',
    )
    assert two.body == b"[]"
    assert nothing.body == b""
    assert form.body == b"name=a+b"
    assert form["Content-Type"] == "application/x-www-form-urlencoded"
    assert other["Content-Type"] == "x/y"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_no_content_is_none(status):
    with Site([answer(b"", status)]) as site, client(site) as api:
        assert api.delete("users/1") is None
    assert site.seen[0].method == "DELETE"


def test_request_returns_the_whole_response():
    with (
        Site([as_json({"id": 7}, "201 Created", Location="/users/7")]) as site,
        client(site) as api,
    ):
        response = api.request("post", "users", json={"name": "Ada"})
    assert isinstance(response, requests.Response)
    assert (response.status_code, response.json()) == (201, {"id": 7})
    assert response.headers["Location"] == "/users/7"


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, {1, 2}])
def test_what_is_no_json_is_not_sent(value):
    with (
        Site([as_json(1)]) as site,
        client(site) as api,
        pytest.raises((ValueError, TypeError)),
    ):
        api.post("users", value)
    assert site.seen == []


def test_an_endpoint_that_leads_elsewhere_is_not_asked():
    with (
        Site([as_json(1)]) as site,
        Site([as_json(1)]) as other,
        client(site, "/api", api_key="hunter2") as api,
    ):
        for endpoint in (other.url, "../admin", "users#1", "/a b"):
            with pytest.raises(InvalidURL):
                api.get(endpoint)
        with pytest.raises(InvalidURL):
            api.pages(f"{other.url}/users")
    assert site.seen == other.seen == []


def test_a_url_of_the_api_itself_is_an_endpoint():
    with Site([as_json(1)]) as site, client(site, "/api") as api:
        assert api.get(f"{site.url}/other?x=1") == 1
    assert site.seen[0].target == "/other?x=1"


# Answers that are none


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"<h1>Bad Gateway</h1>", "text/html", "Expecting value"),
        (b"", "application/json", "the body is empty"),
        (b'{"a": 1', "application/json", "delimiter"),
        (b'{"a": NaN}', "application/json", "NaN"),
        ('{"a": "é"}'.encode("latin-1"), "application/json", "not utf-8"),
        (b"[" * 100_000, "application/json", "nested too deeply"),
    ],
)
def test_what_is_not_json_is_shown(body, kind, why):
    with (
        Site([answer(body, Content_Type=kind)]) as site,
        client(site) as api,
        pytest.raises(APIError) as caught,
    ):
        api.get("users?key=hunter2")
    error = caught.value
    assert (error.status, type(error)) == (200, APIError)
    assert why in str(error)
    assert kind in str(error)
    assert repr(body[:20].decode("utf-8", "replace"))[1:-1] in str(error) or (
        "nothing at all" in str(error)
    )
    assert error.body == body[:200].decode("utf-8", "replace")
    assert error.url == f"{site.url}/users?key=***"
    assert len(str(error)) < 600
    assert not isinstance(error, ValueError)


def test_json_of_another_shape_is_refused():
    with Site([as_json({"error": "quota"})]) as site, client(site) as api:
        assert api.get("a", expect=dict) == {"error": "quota"}
        assert api.get("a", expect=(list, dict)) == {"error": "quota"}
        with pytest.raises(APIError, match="expected was an array") as caught:
            api.get("a", expect=list)
    assert "quota" in str(caught.value)
    assert caught.value.status == 200


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (as_json({"detail": "no such user"}, "404 Not Found"), "no such user"),
        (
            answer(
                b"<h1>502</h1>", "502 Bad Gateway", Content_Type="text/html"
            ),
            "'<h1>502</h1>'",
        ),
        (answer(b"", "500 Internal Server Error"), "500"),
        (as_json({}, "499 What"), "499: '{}'"),
    ],
)
def test_a_status_that_says_no_is_an_error_with_the_reason(reply, said):
    with Site([reply]) as site, client(site) as api:
        for call in (api.get, api.delete, api.post):
            with pytest.raises(APIError) as caught:
                call("users/7?token=hunter2")
    assert said in str(caught.value)
    assert f"POST {site.url}/users/7?token=***: " in str(caught.value)
    assert caught.value.status == int(reply.split()[1])
    assert caught.value.url == f"{site.url}/users/7?token=***"


def test_an_answer_of_429_says_when_to_come_back():
    reply = as_json({"message": "wait"}, "429 Too Many", Retry_After="120")
    with (
        Site([reply]) as site,
        client(site, retries=None) as api,
        pytest.raises(APIError, match="come back in 120 s") as caught,
    ):
        api.get("users")
    assert caught.value.retry_after == 120.0
    assert len(site.seen) == 1  # two minutes are more than it would wait


def test_401_says_whether_a_key_was_sent():
    with Site([answer(b"", "401 Unauthorized")]) as site:
        with pytest.raises(APIError, match="no key was sent"):
            client(site).get("a")
        with pytest.raises(APIError, match=r"a key was sent \(not shown\)"):
            client(site, api_key="hunter2").get("a")


# Answers that do not come


@pytest.mark.parametrize(
    ("reply", "kind", "also"),
    [
        (CLOSE, Unreachable, ConnectionError),
        (reset, Unreachable, ConnectionError),
        (then_close(answer(b"12345")[:-2]), Unreachable, ConnectionError),
        (then_close(b"SSH-2.0-OpenSSH\r\n"), APIError, OSError),
        (
            answer(b"no gzip", Content_Encoding="gzip"),
            APIError,
            OSError,
        ),
        (answer(b"x" * 2000), APIError, OSError),
        (redirect("/again"), APIError, OSError),
    ],
)
def test_no_whole_answer_is_an_api_error_with_a_cause(reply, kind, also):
    with (
        Site([reply]) as site,
        client(site, max_bytes=1000) as api,
        pytest.raises(APIError) as caught,
    ):
        api.get("users?key=hunter2")
    error = caught.value
    assert type(error) is kind
    assert isinstance(error, also)
    assert error.status is None
    assert isinstance(error.__cause__, NetbasicsError)
    assert f"{site.url}/users?key=***" in str(error)


def test_nobody_listens():
    api = APIClient(f"http://127.0.0.1:{unused_port()}", retries=0)
    with api, pytest.raises(Unreachable, match="Connection refused") as caught:
        api.get("users")
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


def test_a_certificate_that_is_not_trusted():
    with (
        lab.untrusted_certificate() as peer,
        APIClient(peer.url) as api,
        pytest.raises(APIError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        api.get("users")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_no_call_outlives_its_deadline(part):
    reply = as_json({"a": "b" * 100})
    at = 0 if part == "headers" else reply.index(b"\r\n\r\n") + 4
    site = Site([])
    site.replies.append(
        lambda sock, seen: sock.sendall(reply[:at]) or drip(sock, seen)
    )
    drip = site.drip(reply[at:])
    with (
        site,
        client(site, deadline=0.5) as api,
        at_most(0.5),
        pytest.raises(TooLate, match=r"0\.5 s") as caught,
    ):
        api.get("users")
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, APIError)


def test_a_deadline_may_be_given_for_one_call():
    site = Site([])
    site.replies.append(site.silence)
    with site, client(site) as api, at_most(0.3):
        with pytest.raises(TooLate):
            api.get("users", deadline=0.3)
        with pytest.raises(TooLate):
            api.get("users", deadline=Deadline(0.0))
        with pytest.raises(TooLate):
            api.get("users", timeout=0.01)


# Retries and turns


def test_what_may_pass_is_tried_again():
    replies = [answer(b"", "503 Busy"), reset, as_json(1)]
    with Site(replies) as site, client(site, retries=QUICK) as api:
        assert api.get("users") == 1
        assert len(site.seen) == 3
        assert repr(api).endswith("no key, 3 sent>")


def test_what_may_have_happened_is_not_done_twice():
    with (
        Site([answer(b"", "503 Busy"), as_json(1)]) as site,
        client(site, retries=QUICK) as api,
        pytest.raises(APIError),
    ):
        api.post("payments", {"cents": 100})
    assert len(site.seen) == 1
    with (
        Site([reset, answer(b"", "503 Busy"), as_json(1)]) as site,
        client(site, retries=QUICK) as api,
    ):
        headers = {"idempotency-key": "1"}
        assert api.post("payments", {"cents": 1}, headers=headers) == 1
    assert [seen.body for seen in site.seen] == [b'{"cents": 1}'] * 3


def test_the_error_after_several_tries_says_so():
    with (
        Site([answer(b"", "503 Busy")]) as site,
        client(site, retries=QUICK) as api,
        pytest.raises(APIError, match=r"503 .*\(after 3 tries\)"),
    ):
        api.get("users")


def test_a_pause_that_is_too_long_ends_the_tries():
    reply = answer(b"", "503 Busy", Retry_After="5")
    with (
        Site([reply]) as site,
        client(site, retries=QUICK) as api,
        at_most(0),
        pytest.raises(APIError, match="503"),
    ):
        api.get("users", deadline=2)
    assert len(site.seen) == 1


def test_every_try_takes_a_turn():
    times = []

    def busy(sock, request):
        times.append(time.monotonic())
        return answer(b"", "503 Busy")

    limiter = RateLimiter(20)
    with (
        Site([busy]) as site,
        client(site, retries=QUICK, limiter=limiter) as api,
    ):
        for _ in range(2):
            with pytest.raises(APIError):
                api.get("users")
    assert len(times) == 6
    assert times[-1] - times[0] >= 5 / 20 - 0.05


def test_a_turn_after_the_deadline_is_too_late_at_once():
    limiter = RateLimiter(1)
    with Site([as_json(1)]) as site, client(site, limiter=limiter) as api:
        assert api.get("users") == 1
        with at_most(0), pytest.raises(TooLate, match="next turn") as caught:
            api.get("users", deadline=0.5)
    assert isinstance(caught.value.__cause__, RateLimitTimeout)
    assert len(site.seen) == 1
    assert limiter.waiting == 0


# Redirects


def test_a_redirect_is_followed_within_the_api():
    with Site([redirect("/b"), as_json(1)]) as site, client(site) as api:
        assert api.get("/a") == 1
    assert [seen.target for seen in site.seen] == ["/a", "/b"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found"])
def test_a_redirect_that_makes_a_get_of_a_post_is_an_error(status):
    replies = [redirect("/users/", status), as_json([])]
    with (
        Site(replies) as site,
        client(site) as api,
        pytest.raises(APIError, match="the method is lost") as caught,
    ):
        api.post("/users", {"name": "Ada"})
    assert caught.value.status == int(status[:3])


@pytest.mark.parametrize(
    ("status", "method"),
    [("307 T", "POST"), ("308 P", "POST"), ("303 S", "GET")],
)
def test_redirects_that_mean_what_they_do_are_followed(status, method):
    replies = [redirect("/users/", status), as_json([])]
    with Site(replies) as site, client(site) as api:
        assert api.post("/users", {"name": "Ada"}) == []
    assert site.seen[1].method == method


# The key


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({}, "Authorization", "Bearer hunter2"),
        ({"key_header": "X-API-Key"}, "X-API-Key", "hunter2"),
        ({"key_header": "authorization"}, "Authorization", "Bearer hunter2"),
    ],
)
def test_the_key_is_sent_as_wanted(options, name, value):
    with (
        Site([as_json(1)]) as site,
        client(site, api_key="hunter2", **options) as api,
    ):
        api.get("users")
    assert site.seen[0][name] == value
    assert str(site.seen[0].headers).count("hunter2") == 1


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_the_key_goes_to_no_other_origin(header):
    with (
        Site([as_json(1)]) as other,
        Site([redirect(f"{other.url}/x")]) as site,
    ):
        options = {"api_key": "hunter2", "key_header": header}
        with client(site, **options) as api:
            assert api.get("users") == 1
            # Not by the session of the client either.
            api.session.get(other.url)
    assert "hunter2" in str(site.seen[0].headers)
    for seen in other.seen:
        assert "hunter2" not in str(seen.headers)
    assert len(other.seen) == 2


def everything_about(error):
    """All texts of an error, with the variables of the frames it came by."""
    texts = traceback.format_exception(error)
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        texts += [repr(error), repr(error.args), repr(vars(error))]
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "netbasics" in frame.f_code.co_filename:
                texts += [repr(value) for value in frame.f_locals.values()]
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)
    return "\n".join(texts)


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_the_key_is_in_no_error_and_no_log(header, caplog):
    caplog.set_level(logging.DEBUG)

    def echo(status):
        def reply(sock, seen):
            text = json.dumps({"error": f"bad: {seen.headers}"})
            return answer(text.encode(), status)

        return reply

    replies = [
        echo("403 Forbidden"),
        echo("200 OK"),
        lambda sock, seen: answer(str(seen.headers).encode()),
        lambda sock, seen: then_close(str(seen.headers).encode() + b"\r\n")(
            sock, seen
        ),
        CLOSE,
        answer(b"", "401 Unauthorized"),
    ]
    for reply in replies:
        with Site([reply]) as site:
            api = client(site, api_key="hunter2", key_header=header)
            with api, pytest.raises(APIError) as caught:
                api.get("users", expect=list)
            assert "hunter2" in str(site.seen[0].headers)
        assert "hunter2" not in everything_about(caught.value)
        pickled = pickle.dumps(caught.value)
        assert b"hunter2" not in pickled
        again = pickle.loads(pickled)
        assert type(again) is type(caught.value)
        assert again.status == caught.value.status
    assert caplog.text
    assert "hunter2" not in caplog.text


def test_the_client_shows_no_key_and_cannot_be_copied_out():
    api = APIClient("http://h/api", api_key="hunter2")
    assert repr(api) == "<APIClient http://h/api, key hidden, 0 sent>"
    for thing in (api, api.session):
        assert "hunter2" not in repr(vars(thing)) + str(thing)
        for take in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled"):
                take(thing)
    inside = [vars(v) for v in vars(api).values() if hasattr(v, "__dict__")]
    assert "hunter2" not in repr(inside)
    api.close()
    api.close()


def variables_of(error):
    """The local variables on the way to an error, but for the test's own."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    values = [v for frame in frames[1:] for v in frame.f_locals.values()]
    # What is half made, a client or a URL, has no repr.
    whole = [v for v in values if type(v).__name__ not in ("APIClient", "URL")]
    return repr(whole)


@pytest.mark.parametrize("base", ["nowhere", "http://h/?x", "http://a b/"])
def test_a_client_that_cannot_be_made_shows_no_key(base, monkeypatch):
    with pytest.raises(InvalidURL) as caught:
        APIClient(base, api_key="hunter2")
    assert "hunter2" not in variables_of(caught.value)
    monkeypatch.setenv("API_URL", base)
    monkeypatch.setenv("API_KEY", "hunter2")
    with pytest.raises(InvalidURL) as caught:
        APIClient.from_env()
    assert "hunter2" not in variables_of(caught.value)


def test_from_env_reads_address_and_key(monkeypatch):
    with Site([as_json(1)]) as site:
        monkeypatch.setenv("WEATHER_URL", f" {site.url}/api\n")
        monkeypatch.setenv("WEATHER_KEY", "hunter2\n")
        with APIClient.from_env("WEATHER", key_header="X-Key") as api:
            assert api.get("users") == 1
    assert site.seen[0]["X-Key"] == "hunter2"
    monkeypatch.delenv("WEATHER_KEY")
    with pytest.raises(apis.MissingVariable, match="WEATHER_KEY is not set"):
        APIClient.from_env("WEATHER")


# Pages


def numbered(pages):
    """A site that pages in all three ways through lists."""

    def reply(sock, seen):
        query = dict(
            part.partition("=")[::2]
            for part in seen.target.partition("?")[2].split("&")
        )
        number = int(query.get("page") or query.get("cursor") or 1)
        items = pages[number - 1] if number <= len(pages) else []
        more = number + 1 if number < len(pages) else None
        if "cursor" in query:
            return as_json({"items": items, "cursor": more and str(more)})
        links = f'</list?page={more}>; rel="next"' if more else ""
        return as_json(items, Link=links)

    return Site([reply])


@pytest.mark.parametrize("by", ["page", "link", "cursor"])
def test_all_items_of_all_pages(by):
    with numbered([[1, 2], [3], [4, 5]]) as site, client(site) as api:
        assert list(api.items("list", by=by)) == [1, 2, 3, 4, 5]
        assert list(api.pages("list", by=by)) == [[1, 2], [3], [4, 5]]
    with numbered([]) as site, client(site) as api:
        assert list(api.pages("list", by=by)) == []


def test_a_page_is_fetched_when_it_is_wanted():
    with numbered([[1], [2], [3]]) as site, client(site) as api:
        items = api.items("list")
        assert site.seen == []
        assert next(items) == 1
        assert len(site.seen) == 1
        assert next(items) == 2
        assert len(site.seen) == 2


def test_what_came_before_a_bad_page_is_kept():
    with (
        Site([as_json([1, 2]), as_json({"error": "quota"})]) as site,
        client(site) as api,
    ):
        items = api.items("list")
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(APIError, match="quota") as caught:
            next(items)
    assert "no list in 'items'" in str(caught.value)


def test_a_field_of_another_name():
    with (
        Site([as_json({"data": [1], "next": None})]) as site,
        client(site) as api,
    ):
        assert list(api.items("x", by="link", items="data")) == [1]
        with pytest.raises(APIError, match="no list in 'results'"):
            list(api.items("x", by="link", items="results"))


@pytest.mark.parametrize(
    ("reply", "by", "words"),
    [
        (as_json([1, 2]), "page", "the same 2 items came before"),
        (as_json([1], Link="<?x>; rel=next"), "link", "came before"),
        (as_json([], Link="</list>; rel=next"), "link", "never end"),
        (as_json({"items": [], "cursor": 5}), "cursor", "never end"),
        (
            as_json([1], Link="<http://other.invalid/>; rel=next"),
            "link",
            "must not go elsewhere",
        ),
        (as_json(7), "page", "expected was an array or an object"),
    ],
)
def test_lists_that_go_wrong_end_in_an_error(reply, by, words):
    with (
        Site([reply]) as site,
        client(site, api_key="hunter2") as api,
        pytest.raises(APIError, match=words) as caught,
    ):
        list(api.items("list", by=by))
    assert caught.value.status == 200
    assert len(site.seen) <= 3


def test_a_list_without_an_end_stops_at_the_limit():
    count = itertools.count()
    with (
        Site([lambda sock, seen: as_json([next(count)])]) as site,
        client(site) as api,
    ):
        items = api.items("list", max_pages=4)
        assert list(itertools.islice(items, 4)) == [0, 1, 2, 3]
        with pytest.raises(APIError, match="4 pages"):
            next(items)
    assert len(site.seen) == 4


def test_one_deadline_for_all_pages():
    count = itertools.count()

    def slow(sock, seen):
        time.sleep(0.1)
        return as_json([next(count)])

    with (
        Site([slow]) as site,
        client(site) as api,
        at_most(0.5),
        pytest.raises(TooLate),
    ):
        list(api.items("list", deadline=Deadline(0.5)))
    assert len(site.seen) >= 2


def test_impossible_ways_are_refused_at_once():
    api = APIClient("http://h")
    with pytest.raises(ValueError, match="no way of paging"):
        api.items("list", by="pages")
    with pytest.raises(ValueError, match="max_pages"):
        api.pages("list", max_pages=0)


# Against the practice APIs


@pytest.fixture(scope="module")
def play():
    with playground.run() as running:
        yield running


@pytest.mark.parametrize(
    "kind", ["users_stdlib", "users_flask", "users_fastapi"]
)
@pytest.mark.parametrize("by", ["page", "link", "cursor"])
def test_the_users_api_is_read_in_all_three_ways(play, kind, by):
    base = getattr(play, kind)
    with urllib.request.urlopen(f"{base}/users?limit=100", timeout=5) as reply:
        everybody = json.load(reply)
    with APIClient(base) as api:
        assert list(api.items("users", by=by, params={"limit": 2})) == everybody


@pytest.mark.parametrize(
    "kind", ["users_stdlib", "users_flask", "users_fastapi"]
)
def test_a_user_is_created_read_replaced_changed_deleted(play, kind):
    with APIClient(getattr(play, kind)) as api:
        user = {"name": "Edsger Dijkstra", "email": "edsger@example.com"}
        made = api.request("POST", "users", json=user)
        where = made.headers["Location"]
        assert api.get(where) == {**user, "id": made.json()["id"]}
        user["name"] = "E. W. Dijkstra"
        assert api.put(where, user)["name"] == "E. W. Dijkstra"
        assert api.patch(where, {"name": "EWD"})["name"] == "EWD"
        assert api.delete(where) is None
        with pytest.raises(APIError, match="404"):
            api.get(where)


def test_the_textbook_api_with_all_its_troubles(play):
    limiter = RateLimiter(50)
    with APIClient(play.textbook, limiter=limiter, retries=QUICK) as api:
        assert api.get(("users", "octocat"))["login"] == "octocat"
        assert api.get("flaky", params={"key": "apis"})["tries"] == 3
        with at_most(0.5), pytest.raises(TooLate):
            api.get("slow", params={"seconds": 5}, deadline=0.5)
        for form in ("seconds", "date"):
            query = {"key": form, "limit": 1, "per": 60, "form": form}
            api.get("limited", params=query)
            with pytest.raises(APIError) as caught:
                api.get("limited", params=query, deadline=2)
            assert caught.value.status == 429
            assert 50 < caught.value.retry_after <= 61
        with pytest.raises(APIError, match="401"):
            api.get("private")
    with APIClient(play.textbook, api_key="practice-token") as api:
        api.get("private", expect=dict)


# Together with others


def test_clients_of_many_threads_share_a_limiter():
    limiter = RateLimiter(100)
    times = []

    def stamp(sock, seen):
        times.append(time.monotonic())
        return as_json(1)

    with Site([stamp]) as site:

        def work():
            with client(site, limiter=limiter) as api:
                for _ in range(4):
                    api.get("users")

        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert len(times) == 20
    assert max(times) - min(times) >= 19 / 100 - 0.05


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, address)
        with Site([as_json(1)]) as site, client(site) as api:
            assert api.get("users") == 1


def test_a_limit_of_the_body_is_an_api_error_with_its_cause():
    with (
        Site([as_json("x" * 100)]) as site,
        client(site, max_bytes=50) as api,
        pytest.raises(APIError, match="limit is 50 bytes") as caught,
    ):
        api.get("users")
    assert isinstance(caught.value.__cause__, LimitExceeded)


def test_importing_costs_neither_aiohttp_nor_a_framework():
    code = (
        "import sys; from netbasics import apis; apis.APIClient;"
        "sys.exit(sum(m in sys.modules for m in ('aiohttp', 'flask')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_two_bodies_are_refused():
    api = APIClient("http://127.0.0.1:9")
    with api, pytest.raises(ValueError, match="one body"):
        api.request("POST", "/", json={}, data=b"x")
