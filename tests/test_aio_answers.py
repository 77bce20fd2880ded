"""What a response says: text, JSON, reasons, and bodies piece by piece."""

import dataclasses
import gzip
import pickle
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbasics import aio
from netbasics.aio.answers import decode_json, decode_text, excerpt, refusal
from netbasics.aio.bodies import Body
from netbasics.errors import (
    APIError,
    ConnectionClosed,
    LimitExceeded,
    ProtocolError,
)


def result(body, kind="", **changes):
    made = aio.Result(
        url="http://ann:pw@h/?key=1",
        status=200,
        headers={"Content-Type": kind} if kind else {},
        body=body,
        seconds=0.25,
    )
    return dataclasses.replace(made, **changes)


def test_a_result_cannot_be_changed_and_hides_secrets():
    made = result(b"abc")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.status = 500
    assert (
        repr(made) == "<Result 200 http://***@h/?key=***, 3 bytes in 0.250 s>"
    )
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode(), "text/html", "é"),
        ("é".encode("latin-1"), "text/html; charset=latin-1", "é"),
        ("é".encode("cp1252"), 'text/html;  CharSet="windows-1252"', "é"),
        ("é".encode(), "text/html; charset=klingon", "é"),
        ("é".encode(), "text/html; charset=a\x00b", "é"),
        ("é".encode(), "text/html; charset=hex", "é"),
        (b"\xff", "text/plain", "\ufffd"),
        (b"", "text/plain", ""),
    ],
)
def test_text_is_decoded_by_its_charset_and_never_fails(body, kind, text):
    assert result(body, kind).text == text


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, null]}', {"a": [1, None]}),
        ("\ufeff[1]".encode(), [1]),
        ("[1]".encode("utf-16"), [1]),
        (b' "x" \n', "x"),
        (b"null", None),
    ],
)
def test_json(body, value):
    assert result(body).json() == value


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is empty"),
        (b"  \n", "the body is empty"),
        (b"<html>502</html>", "Expecting value"),
        (b'{"a": 1', "Expecting ',' delimiter"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"-Infinity", "-Infinity is not a JSON number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": "\xe9"}', "byte 7 is not utf-8"),
        (b"1" * 5000, "4300"),
        (b"[1] [2]", "Extra data"),
    ],
)
def test_what_is_not_json_is_shown(body, why):
    with pytest.raises(APIError) as caught:
        result(body, "text/html").json()
    error = caught.value
    assert why in str(error)
    assert error.status == 200
    assert error.url == "http://***@h/?key=***"
    assert "text/html" in str(error)
    assert len(str(error)) < 500
    assert error.__cause__ is None


@given(st.binary(max_size=200))
def test_json_fails_in_one_way_only(body):
    try:
        decode_json(body)
    except ValueError as error:
        kind = type(error)
    else:
        kind = ValueError
    assert kind is ValueError


@given(st.binary(max_size=300), st.text(max_size=30))
def test_text_and_excerpt_never_fail(body, kind):
    assert isinstance(decode_text(body, kind), str)
    assert len(excerpt(body, f"text/plain; charset={kind}")) < 2500


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"detail": "no such user"}', "no such user"),
        (b'{"message": "Bad credentials", "documentation_url": "x"}', "Bad"),
        (b'{"error": "invalid_grant", "error_description": "old"}', "old"),
        (b'{"error": {"code": 7, "message": "quota"}}', "quota"),
        (b'{"type": "about:blank", "title": "Out of credit"}', "credit"),
        (
            b'{"detail": [{"loc": ["body", "age"], "msg": "too young"}]}',
            "body.age: too young",
        ),
        (b'{"detail": ["a", {"x": 1}, {"loc": 3}]}', "a; {'x': 1}; {'loc'"),
        (
            b'{"error": "not valid", "fields": {"name": "is missing"}}',
            "not valid: name: is missing",
        ),
        (
            b'{"message": "no", "errors": [{"field": "a", "message": "b"}]}',
            "no: a: b",
        ),
        (
            b'{"title": "x", "invalid-params": [{"name": "a", "reason": "b"}]}',
            "x: a: b",
        ),
        (b'{"detail": {"x": 1}, "errors": 7, "fields": null}', "{"),
        (b"<h1>Bad Gateway</h1>", "'<h1>Bad Gateway</h1>'"),
        (b'{"detail": "   "}', '{"detail": "   "}'),
        (b'{"detail": 7}', '{"detail": 7}'),
        (b"[1, 2]", "'[1, 2]'"),
        (b'{"detail": "two\\nlines"}', "two lines"),
    ],
)
def test_a_refusal_says_why_wherever_the_server_put_it(body, why):
    error = refusal("GET", "http://h/", 400, {}, body)
    assert str(error).startswith("GET http://h/: 400 Bad Request: ")
    assert why in str(error)


def test_a_refusal_without_a_reason_is_short():
    assert (
        str(refusal("GET", "http://h/", 499, {}, b"")) == "GET http://h/: 499"
    )


def test_a_refusal_says_when_to_come_back_with_and_without_a_reason():
    for body, why in ((b"", ""), (b"slow down", ": 'slow down'")):
        error = refusal("GET", "http://h/", 429, {"Retry-After": "5"}, body)
        assert str(error) == (
            f"GET http://h/: 429 Too Many Requests{why} (come back in 5 s)"
        )
        assert error.retry_after == 5.0


def test_a_long_reason_is_cut():
    body = b'{"detail": "' + b"x" * 10_000 + b'"}'
    error = refusal("GET", "http://h/", 500, {}, body)
    assert len(str(error)) < 300
    assert len(error.body) == 200


# Bodies


def fed(body, pieces):
    for piece in pieces:
        body.feed(piece)
    return body.end()


def pieces_of(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


@settings(deadline=None)
@given(
    text=st.binary(max_size=2000),
    coding=st.sampled_from(["", "gzip", "x-gzip", "deflate", "raw"]),
    size=st.integers(1, 50),
)
def test_a_body_comes_out_whole_however_it_is_cut(text, coding, size):
    wrapped = {
        "": text,
        "deflate": zlib.compress(text),
        "raw": zlib.compress(text)[2:-4],
    }.get(coding, gzip.compress(text))
    name = "deflate" if coding == "raw" else coding
    body = Body(name, limit=len(text), url="http://h/")
    assert fed(body, pieces_of(wrapped, size)) == text
    assert body.received == len(wrapped)


@settings(deadline=None)
@given(text=st.binary(min_size=1, max_size=500), size=st.integers(1, 50))
def test_one_byte_above_the_limit_is_refused(text, size):
    for coding, wrapped in (("", text), ("gzip", gzip.compress(text))):
        body = Body(coding, limit=len(text) - 1, url="http://h/")
        with pytest.raises(LimitExceeded):
            fed(body, pieces_of(wrapped, size))


@settings(deadline=None)
@given(text=st.binary(max_size=500), data=st.data())
def test_gzip_that_is_cut_anywhere_is_noticed(text, data):
    whole = gzip.compress(text)
    end = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(ConnectionClosed):
        fed(Body("gzip", limit=9999, url="http://h/"), [whole[:end]])


def test_nothing_at_all_is_an_empty_body_in_any_coding():
    for coding in ("", "gzip", "deflate", "br"):
        assert Body(coding, limit=0, url="http://h/").end() == b""


def test_members_of_gzip_belong_together_and_padding_does_not():
    data = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(10)
    for size in (1, 7, 1000):
        body = Body("gzip", limit=7, url="http://h/")
        assert fed(body, pieces_of(data, size)) == b"one two"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_what_does_not_decompress_is_no_protocol_we_know(coding):
    with pytest.raises(ProtocolError, match="the body of http://h/"):
        fed(Body(coding, limit=99, url="http://h/"), [b"\x08 nonsense"])
