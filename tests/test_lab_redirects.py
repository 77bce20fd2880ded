"""Redirects and refusals, shown by bare sockets."""

import email.utils
import math
import re
import socket
import time
import urllib.request

import pytest
import requests

from netbasics import lab


def ask(address, target="/"):
    """The status and the headers."""
    with socket.create_connection(address, timeout=5) as sock:
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        raw = b""
        while data := sock.recv(65_536):
            raw += data
    status, *lines = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ") for line in lines)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_redirect_loop_comes_back_to_where_it_was(length):
    with lab.redirect_loop(length) as peer:
        places = ["/0"]
        for _ in range(2 * length):
            status, headers = ask(peer.address, places[-1])
            assert status == 302
            places.append(headers["Location"])
    assert len(set(places)) == length
    assert places[0] == places[length] == places[-1]


def test_a_loop_without_places_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        lab.redirect_loop(0)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_the_other_host_is_there_and_keeps_what_it_was_told(status):
    with lab.redirect_to_other_host(status) as peer:
        got, headers = ask(peer.address)
        match = re.fullmatch(r"http://localhost:(\d+)/", headers["Location"])
        assert got == status
        assert int(match[1]) == peer.other.port != peer.port
        assert peer.other.requests == []
        assert ask(peer.other.address)[0] == 200
        assert len(peer.other.requests) == 1
    with pytest.raises(ConnectionRefusedError):
        ask(peer.other.address)


def test_the_other_host_shows_who_carries_a_token_to_it():
    secret = {"Authorization": "Bearer secret"}
    with lab.redirect_to_other_host() as peer:
        request = urllib.request.Request(peer.url, headers=secret)
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.read() == peer.content
        with requests.get(peer.url, headers=secret, timeout=5) as response:
            assert response.content == peer.content
        first = [r.header("Authorization") for r in peer.requests]
        other = [r.header("Authorization") for r in peer.other.requests]
    assert first == ["Bearer secret"] * 2
    assert other == ["Bearer secret", None]


def test_the_other_scheme_is_no_http():
    with lab.redirect_to_other_scheme() as peer:
        status, headers = ask(peer.address)
    assert status == 302
    assert headers["Location"].startswith("file:///")


BUSY = pytest.mark.parametrize(
    ("make", "status"), [(lab.too_many_requests, 429), (lab.unavailable, 503)]
)


@BUSY
def test_seconds_are_true(make, status):
    with make(0.4) as peer:
        began = time.monotonic()
        got, headers = ask(peer.address)
        assert got == status
        assert headers["Retry-After"] == "1"
        while (got := ask(peer.address)[0]) == status:
            time.sleep(0.02)
        took = time.monotonic() - began
    assert got == 200
    assert 0.4 <= took < 0.4 + 0.6


@BUSY
def test_a_date_is_true(make, status):
    with make(0.2, form="date") as peer:
        got, headers = ask(peer.address)
        text = headers["Retry-After"]
        date = email.utils.parsedate_to_datetime(text).timestamp()
        assert got == status
        assert text.endswith(" GMT")
        assert date - time.time() <= math.ceil(0.2) + 0.2
        assert ask(peer.address)[1]["Retry-After"] == text
        time.sleep(max(0.0, date - time.time()))
        # Whoever comes at that very second is not refused again.
        assert ask(peer.address)[0] == 200


def test_longer_refusals_count_down():
    with lab.unavailable(90) as peer:
        first, second = (ask(peer.address)[1] for _ in range(2))
    assert first["Retry-After"] == "90"
    assert 80 < int(second["Retry-After"]) <= 90


@pytest.mark.parametrize(
    ("seconds", "form"), [(-1, "seconds"), (math.nan, "date"), (1, "minutes")]
)
def test_a_time_that_is_none_is_refused(seconds, form):
    with pytest.raises(ValueError, match="give 0 or more"):
        lab.unavailable(seconds, form=form)
