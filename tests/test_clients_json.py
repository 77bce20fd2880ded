"""`response.json()`: what is not JSON, or not in its charset."""

import json
import pickle

import pytest
import requests

from netbasics import clients, errors, lab
from netbasics.lab.messages import answer

ZOE = '{"name": "Zoë"}'


def fetch(body, kind="application/json"):
    def script(visit):
        visit.read_request()
        visit.send(answer(body, kind=kind))

    with lab.TCPPeer("json", script) as peer:
        return clients.get(f"{peer.url}/?key=s3cret", deadline=20)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ZOE.encode(), "application/json"),
        (ZOE.encode(), "text/plain; charset=latin-1"),
        (ZOE.encode("utf-8-sig"), "application/json"),
        (ZOE.encode("utf-16"), "application/json"),
        (ZOE.encode("latin-1"), "application/json; charset=latin-1"),
    ],
)
def test_json_is_decoded_by_its_charset(body, kind):
    assert fetch(body, kind).json() == {"name": "Zoë"}


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=nonsense",
        "text/html",
    ],
)
def test_a_wrong_charset_is_refused(kind):
    response = fetch(ZOE.encode("latin-1"), kind)
    with pytest.raises(clients.NotJSON, match="can't decode byte 0xeb"):
        response.json()


def test_what_is_not_json_is_shown_without_the_key():
    response = fetch(b"<html>", "text/html")
    with pytest.raises(clients.NotJSON) as caught:
        response.json()
    text = str(caught.value)
    assert "GET http://127.0.0.1:" in text
    assert "200, but it is not JSON: Expecting value" in text
    assert "(text/html): '<html>'" in text
    assert "s3cret" not in text
    assert caught.value.response is response


@pytest.mark.parametrize(
    "kind",
    [
        ValueError,
        json.JSONDecodeError,
        requests.RequestException,
        requests.JSONDecodeError,
        errors.ProtocolError,
        clients.RequestError,
    ],
)
def test_the_error_is_caught_by_many_names(kind):
    with pytest.raises(kind):
        fetch(b"[").json()


def test_the_error_says_where_and_can_be_pickled():
    with pytest.raises(clients.NotJSON) as caught:
        fetch(b'{"a":\n x}').json()
    error = caught.value
    assert (error.lineno, error.colno, error.pos) == (2, 2, 7)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.pos) == (str(error), 7)


def test_options_go_to_json():
    assert fetch(b"[1.5]").json(parse_float=str) == ["1.5"]
