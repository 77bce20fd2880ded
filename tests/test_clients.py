"""Sessions and one-shot calls: still requests, with settings of their own."""

import asyncio
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from clients_help import CLOSE, Site, answer, redirect
from urllib3.exceptions import InsecureRequestWarning

from netbasics import clients, lab
from netbasics.clients.adapter import Adapter
from netbasics.errors import InvalidURL
from netbasics.retries import RetryPolicy

ECHO = [lambda _sock, seen: answer(repr(seen).encode())]


def test_a_session_is_a_requests_session():
    with clients.session(headers={"X-Mine": "1"}, auth=("a", "b")) as session:
        assert isinstance(session, requests.Session)
        assert session.headers["X-Mine"] == "1"
        assert session.auth == ("a", "b")
    session.close()  # twice is fine


def test_a_get_answers_as_requests_does():
    body = json.dumps({"name": "Zoë"}).encode()
    reply = answer(body, Content_Type="application/json", X_One="1")
    with Site([reply]) as site:
        ours = clients.get(f"{site.url}/a?b=c", params={"d": "e f"})
        theirs = requests.get(
            f"{site.url}/a?b=c", params={"d": "e f"}, timeout=5
        )
    assert isinstance(ours, requests.Response)
    assert ours.json() == {"name": "Zoë"}
    for name in ("status_code", "headers", "url", "content", "text", "reason"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert site.seen[0].target == site.seen[1].target == "/a?b=c&d=e+f"
    assert ours.tries == 1


@pytest.mark.parametrize(
    ("call", "method"),
    [
        (clients.get, "GET"),
        (clients.head, "HEAD"),
        (clients.post, "POST"),
        (clients.put, "PUT"),
        (clients.patch, "PATCH"),
        (clients.delete, "DELETE"),
    ],
)
def test_each_method_has_its_function(call, method):
    with Site([answer(b"")]) as site:
        assert call(site.url).status_code == 200
        assert site.seen[0].method == method


def test_a_post_sends_a_form_or_json():
    with Site([answer()]) as site:
        clients.post(site.url, {"user": "ann"})
        clients.post(site.url, json={"user": "ann"})
        assert site.seen[0].body == b"user=ann"
        assert json.loads(site.seen[1].body) == {"user": "ann"}


def test_head_follows_no_redirect_and_get_does():
    with Site([redirect("/there"), answer(b"")]) as site:
        assert clients.head(site.url).status_code == 302
        assert clients.get(site.url).history == []
        assert len(site.seen) == 2


def test_a_session_keeps_its_connection():
    with Site([answer()]) as site, clients.session() as session:
        for _ in range(5):
            session.get(site.url)
        assert site.connections == 1


def test_a_connection_that_died_while_idle_is_replaced():
    def answer_and_leave(sock, _request):
        sock.sendall(answer(b"first"))
        return CLOSE

    with (
        Site([answer_and_leave, answer(b"second")]) as site,
        clients.session() as session,
    ):
        assert session.get(site.url).text == "first"
        assert session.get(site.url).text == "second"
        assert site.connections == 2


def test_limits_can_be_changed_and_given_to_one_call():
    with Site([answer(b"x" * 100)]) as site, clients.session() as session:
        assert session.get(site.url).status_code == 200
        with pytest.raises(clients.LimitExceeded):
            session.get(site.url, max_bytes=99)
        session.max_bytes = 99
        with pytest.raises(clients.LimitExceeded):
            session.get(site.url)
        assert len(session.get(site.url, max_bytes=None).content) == 100


def test_none_is_the_sessions_own_where_it_is_no_limit():
    busy = answer(b"", "503 Busy")
    with Site([busy]) as site, clients.session(retries=1) as session:
        assert session.get(site.url, retries=None, timeout=None).tries == 2
        assert session.get(site.url, retries=0).tries == 1


def test_certificates_may_be_left_unchecked_with_a_warning():
    with lab.untrusted_certificate() as peer:
        with pytest.warns(InsecureRequestWarning):
            answered = clients.get(peer.url, verify=False)
        assert answered.content == peer.content


def test_threads_may_have_a_session_each():
    def several(_number):
        with clients.session() as session:
            return [session.get(site.url).text for _ in range(5)]

    with Site([answer()]) as site, ThreadPoolExecutor(8) as pool:
        for texts in pool.map(several, range(16)):
            assert texts == ["ok"] * 5


def test_it_works_within_a_running_event_loop():
    async def main():
        return clients.get(site.url).text

    with Site([answer()]) as site:
        assert asyncio.run(main()) == "ok"


def test_the_repr_shows_the_limits_and_no_key():
    with clients.session(
        timeout=(1, 2),
        retries=RetryPolicy(tries=7),
        headers={"Authorization": "Bearer hush"},
        auth=("ann", "hush"),
        public_only=True,
    ) as session:
        shown = repr(session)
    assert "hush" not in shown
    assert "timeout=(1, 2)" in shown
    assert "tries=7" in shown
    assert "public only" in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"deadline": -1},
        {"retries": -1},
        {"resolver": lambda host: []},
    ],
    ids=str,
)
def test_impossible_limits_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r".+"):
        clients.session(**wrong)


def test_a_session_can_be_pickled():
    with clients.session(deadline=3, retries=1, headers={"X": "1"}) as session:
        copy = pickle.loads(pickle.dumps(session))
    with Site([answer(b"", "503 Busy"), answer()]) as site, copy:
        assert copy.deadline == 3
        assert copy.get(site.url).tries == 2
        assert site.seen[0]["x"] == "1"


def test_a_response_can_be_pickled():
    with Site([answer(b"text")]) as site:
        copy = pickle.loads(pickle.dumps(clients.get(site.url)))
    assert copy.content == b"text"
    assert copy.tries == 1
    assert b"".join(copy.iter_content(2)) == b"text"


def test_a_stream_can_be_read_in_pieces_lines_and_text():
    text = "Zoë\nAnn\n".encode()
    reply = answer(text, Content_Type="text/plain; charset=utf-8")
    with Site([reply]) as site, clients.session() as session:
        with session.get(site.url, stream=True) as response:
            assert b"".join(response.iter_content(3)) == text
            with pytest.raises(requests.exceptions.StreamConsumedError):
                response.iter_content(3)
        with session.get(site.url, stream=True) as response:
            lines = list(response.iter_lines(decode_unicode=True))
            assert lines == ["Zoë", "Ann"]
        with session.get(site.url, stream=True) as response:
            pieces = response.iter_content(1, decode_unicode=True)
            assert "".join(pieces) == "Zoë\nAnn\n"
        assert site.connections == 1


def test_a_stream_hands_out_what_has_come():
    go_on = threading.Event()

    def two_parts(sock, _request):
        sock.sendall(answer(b"first", Content_Length=11))
        go_on.wait(5)
        return b"second"

    with (
        Site([two_parts]) as site,
        clients.get(site.url, stream=True) as response,
    ):
        pieces = response.iter_content(1000)
        assert next(pieces) == b"first"
        go_on.set()
        assert next(pieces) == b"second"
        assert next(pieces, None) is None


def test_a_plain_session_can_use_the_adapter():
    with Site([answer()]) as site, requests.Session() as session:
        session.mount("http://", Adapter())
        assert session.get(site.url, timeout=5).text == "ok"


def test_a_prepared_request_has_the_limits_too():
    with Site([answer(b"x" * 100)]) as site, clients.session() as session:
        session.max_bytes = 99
        request = session.prepare_request(requests.Request("GET", site.url))
        with pytest.raises(clients.LimitExceeded):
            session.send(request)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000/a",
        "ftp://127.0.0.1/",
        "no scheme",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://a b/",
        "http://*.example/",
    ],
)
def test_what_cannot_be_requested_is_an_invalid_url(url):
    with pytest.raises(InvalidURL) as caught:
        clients.get(url, retries=0)
    assert isinstance(caught.value, requests.RequestException)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("localhost:8000/a", "did you mean http://localhost:8000/a?"),
        ("example.com", "did you mean http://example.com?"),
        ("ftp://127.0.0.1/", "the scheme is 'ftp'"),
        ("http://127.0.0.1:99999/", "99999 is not between 0 and 65535"),
        ("http://", "no host"),
    ],
)
def test_an_invalid_url_is_refused_with_the_reason(url, advice):
    with pytest.raises(InvalidURL) as caught:
        clients.get(url)
    assert advice in str(caught.value)


def test_hooks_of_requests_still_work():
    seen = []
    with Site([answer()]) as site:
        clients.get(site.url, hooks={"response": lambda r, **k: seen.append(r)})
    assert [r.text for r in seen] == ["ok"]


@pytest.mark.parametrize(
    "to",
    [
        "http://[::1",
        "http://127.0.0.1:99999/",
        "/\xff",
        "mailto:ann@example.org",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_to_what_cannot_be_requested_is_an_error_of_ours(to):
    reply = answer(b"", "302 Found", Location="?")
    reply = reply.replace(b"?", to.encode("latin-1"))
    with Site([reply, answer()]) as site:
        with pytest.raises(clients.BadURL) as caught:
            clients.get(site.url, retries=0)
        assert isinstance(caught.value, requests.RequestException)
        assert len(site.seen) == 1


def test_a_redirect_loop_ends():
    endless = pytest.raises(clients.TooManyRedirects, match="30 redirects")
    with Site([redirect("/again")]) as site, endless as caught:
        clients.get(site.url)
    assert isinstance(caught.value, requests.TooManyRedirects)
    assert caught.value.response.status_code == 302


def test_other_errors_of_requests_come_through():
    with pytest.raises(requests.exceptions.InvalidJSONError):
        clients.post("http://127.0.0.1:1/", json=float("nan"))
