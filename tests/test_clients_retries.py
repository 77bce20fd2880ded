"""What is sent again, how often, and what the caller is told."""

import email.utils
import io
import logging
import socket
import time

import pytest
import requests
from clients_help import (
    Site,
    answer,
    at_most,
    redirect,
    reset,
    then_close,
    unused_port,
)

from netbasics import clients, lab
from netbasics.clients.adapter import Adapter
from netbasics.retries import Failure, RetryPolicy

QUICK = RetryPolicy(base=0.01)
BUSY = answer(b"busy", "503 Busy")
CUT = then_close(answer(b"half", Content_Length=10))


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_passing_error_is_tried_again(method, status):
    failure = answer(b"", f"{status} Busy")
    with Site([failure, failure, answer(b"")]) as site:
        response = clients.request(method, site.url, retries=QUICK)
        assert response.status_code == 200
        assert response.tries == len(site.seen) == 3


@pytest.mark.parametrize("reply", [reset, then_close(b""), CUT])
def test_a_broken_connection_is_tried_again(reply):
    with Site([reply, answer()]) as site:
        response = clients.get(site.url, retries=QUICK)
        assert response.content == b"ok"
        assert response.tries == len(site.seen) == 2


@pytest.mark.parametrize("reply", [reset, then_close(b""), CUT])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_unsafe_request_is_seen_once(method, reply):
    with Site([reply]) as site:
        with pytest.raises(clients.ConnectionLost) as caught:
            clients.request(method, site.url, retries=QUICK)
        assert caught.value.tries == len(site.seen) == 1
    with Site([BUSY]) as site:
        response = clients.request(method, site.url, retries=QUICK)
        assert response.tries == len(site.seen) == 1


@pytest.mark.parametrize("reply", [BUSY, reset, then_close(b"")])
def test_an_idempotency_key_makes_a_post_safe(reply):
    with Site([reply, answer()]) as site:
        response = clients.post(
            site.url,
            json={"pay": 1},
            retries=QUICK,
            headers={"Idempotency-Key": "7"},
        )
        assert response.tries == 2
        assert site.seen[0].body == site.seen[1].body == b'{"pay": 1}'


def test_a_post_is_tried_again_where_nothing_was_sent():
    port = unused_port()
    with pytest.raises(clients.NotConnected) as caught:
        clients.post(f"http://127.0.0.1:{port}/", b"x", retries=QUICK)
    assert caught.value.tries == 3
    assert "after 3 tries" in str(caught.value)


@pytest.mark.parametrize("status", ["404 No", "500 Oh", "400 Bad", "501 No"])
def test_a_lasting_error_is_handed_out_at_once(status):
    with Site([answer(b"", status)]) as site:
        assert clients.get(site.url).tries == 1
        assert len(site.seen) == 1


def test_the_last_response_is_handed_out():
    with Site([BUSY]) as site:
        response = clients.get(site.url, retries=QUICK)
        assert (response.status_code, response.text) == (503, "busy")
        assert response.tries == len(site.seen) == 3
        with pytest.raises(requests.HTTPError, match=r"503.*after 3 tries"):
            response.raise_for_status()


def test_the_last_error_is_raised():
    with Site([reset]) as site:
        with pytest.raises(clients.ConnectionLost, match="after 3 tries"):
            clients.get(site.url, retries=QUICK)
        assert len(site.seen) == 3


def test_no_retries_are_no_retries():
    with Site([BUSY]) as site:
        assert clients.get(site.url, retries=0).tries == 1
        assert len(site.seen) == 1


def test_a_silent_server_is_asked_once_unless_the_policy_says_so():
    with Site([]) as site:
        site.replies.append(site.silence)
        with pytest.raises(clients.TimedOut):
            clients.get(site.url, timeout=0.1, retries=QUICK)
        assert len(site.seen) == 1
        patient = RetryPolicy(base=0.01, failures=frozenset(Failure))
        with pytest.raises(clients.TimedOut, match="after 3 tries"):
            clients.get(site.url, timeout=0.1, retries=patient)
        assert len(site.seen) == 4


@pytest.mark.parametrize("date", [False, True])
def test_retry_after_in_seconds_and_as_a_date_is_waited_for(date):
    def limited(_sock, _request):
        soon = email.utils.formatdate(time.time() + 2, usegmt=True)
        when = soon if date else "1"
        return answer(b"", "429 Slow Down", Retry_After=when)

    with Site([limited, answer()]) as site:
        start = time.monotonic()
        assert clients.get(site.url).tries == 2
        assert 0.9 < time.monotonic() - start < 3


def test_a_retry_after_beyond_the_cap_hands_the_response_back():
    limited = answer(b"later", "429 Slow Down", Retry_After="3600")
    with Site([limited]) as site, at_most(0.1):
        response = clients.get(site.url, deadline=None)
        assert response.text == "later"
        assert response.tries == 1


def test_a_retry_after_beyond_the_deadline_hands_the_response_back():
    limited = answer(b"later", "429 Slow Down", Retry_After="10")
    with Site([limited]) as site, at_most(0.1):
        assert clients.get(site.url, deadline=5).status_code == 429


@pytest.mark.parametrize("stream", [False, True])
def test_the_connection_of_a_short_failure_is_used_again(stream):
    with Site([BUSY, BUSY, answer()]) as site:
        with clients.get(site.url, retries=QUICK, stream=stream) as response:
            assert response.tries == 3
        assert site.connections == 1


def test_a_long_failure_is_not_read_to_its_end():
    endless = answer(b"x" * 10_000_000, "503 Busy")
    with Site([endless, answer()]) as site, clients.session() as session:
        with session.get(site.url, retries=QUICK, stream=True) as response:
            assert response.tries == 2
        assert site.connections == 2


def test_each_hop_of_a_redirect_is_tried_by_itself():
    with Site([BUSY, redirect("/b", "303 See"), BUSY, answer()]) as site:
        response = clients.put(site.url, b"x", retries=QUICK)
        methods = [seen.method for seen in site.seen]
        assert methods == ["PUT", "PUT", "GET", "GET"]
        assert response.tries == 2
        assert response.history[0].tries == 2


def test_a_file_is_rewound_and_a_generator_is_sent_once():
    with Site([BUSY, answer()]) as site:
        response = clients.put(site.url, io.BytesIO(b"body"), retries=QUICK)
        assert response.tries == 2
        assert [seen.body for seen in site.seen] == [b"body", b"body"]

    with Site([then_close(BUSY)]) as site:
        response = clients.put(site.url, iter([b"body"]), retries=QUICK)
        assert response.tries == 1


def test_a_flapping_server_is_survived():
    with lab.flapping() as peer:
        ok = [
            clients.get(peer.url, retries=RetryPolicy(tries=10, base=0.01))
            for _ in range(5)
        ]
    assert {response.status_code for response in ok} == {200}


def test_other_failures_are_not_tried_again():
    garbage = then_close(b"SSH-2.0-OpenSSH_9.6\r\n")
    with Site([garbage]) as site:
        with pytest.raises(clients.NotHTTP, match=r"SSH-2\.0"):
            clients.get(site.url, retries=QUICK)
        assert len(site.seen) == 1
    with lab.untrusted_certificate() as peer:
        with pytest.raises(clients.TLSFailed, match="CERTIFICATE_VERIFY"):
            clients.get(peer.url, retries=QUICK)
        assert peer.attempts == 1


def test_an_unknown_name_is_looked_up_once(monkeypatch):
    asked = []

    def unknown(*args, **_options):
        asked.append(args)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(clients.NotConnected, match="was not found"):
        clients.get("http://nobody.invalid/", retries=QUICK)
    assert len(asked) == 1


def test_a_retry_is_logged_without_secrets(caplog):
    caplog.set_level(logging.DEBUG)
    with Site([BUSY, reset, answer()]) as site:
        clients.get(f"{site.url}/?api_key=hush", retries=QUICK)
    assert "503; try 2 of 3 follows in" in caplog.text
    assert "ConnectionLost; try 3 of 3" in caplog.text
    assert "hush" not in caplog.text


def test_the_sleep_can_be_replaced():
    naps = []
    with Site([BUSY, BUSY, answer()]) as site, clients.session() as session:
        session.mount("http://", Adapter(sleep=naps.append))
        session.retries = RetryPolicy(base=3, jitter=lambda ceiling: ceiling)
        with at_most(0.2):
            session.get(site.url)
    assert naps == [3, 6]
