"""HTTP/1.1 messages: read by us and by others, cut and dripped."""

import contextlib
import http.client
import io
import time
import tracemalloc

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbasics import http1
from netbasics.errors import (
    ConnectionClosed,
    LimitExceeded,
    NetbasicsError,
    ProtocolError,
)
from netbasics.sockets import Reader

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;name=value\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 42\r\n\r\n"
)
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello"
REQUEST = (
    b"POST /a?b=c HTTP/1.1\r\nHost: example.com\r\nContent-Length: 2\r\n\r\nhi"
)


class Drip:
    """A peer that sends one byte at a time, then closes."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def recv(self, size):
        return self._data.read(1)


def dripped(data):
    return Reader(Drip(data))


def head(*lines, status=b"200 OK"):
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


class TestResponses:
    @pytest.mark.parametrize("raw", [LENGTH, CHUNKED, UNTIL_CLOSE])
    @pytest.mark.parametrize("source", [bytes, dripped])
    def test_the_body_is_whole(self, raw, source):
        response = http1.parse_response(source(raw))
        assert (response.status, response.reason) == (200, "OK")
        assert response.body == b"hello"

    def test_trailers_are_apart_from_headers(self):
        response = http1.parse_response(CHUNKED)
        assert response.trailers == [("X-Sum", "42")]
        assert response.get("X-Sum") is None

    @pytest.mark.parametrize("raw", [LENGTH, CHUNKED])
    def test_cut_anywhere_it_is_never_taken_for_whole(self, raw):
        for end in range(len(raw)):
            for source in (bytes, dripped):
                with pytest.raises((ConnectionClosed, ProtocolError)):
                    http1.parse_response(source(raw[:end]))

    @pytest.mark.parametrize("raw", [LENGTH, CHUNKED])
    def test_nothing_behind_it_is_taken(self, raw):
        reader = dripped(raw + b"next")
        assert http1.parse_response(reader).body == b"hello"
        assert reader.exactly(4) == b"next"

    def test_interim_responses_are_skipped(self):
        raw = head(status=b"100 Continue") + head(
            b"Link: </a>", status=b"103 Early Hints"
        )
        assert http1.parse_response(raw + LENGTH).status == 200
        with pytest.raises(ProtocolError, match="interim"):
            http1.parse_response(raw * 100 + LENGTH)

    def test_switching_protocols_is_final(self):
        raw = head(b"Upgrade: websocket", status=b"101 Switching Protocols")
        assert http1.parse_response(raw + b"\x81\x00").status == 101

    @pytest.mark.parametrize(
        ("status", "method"),
        [
            (b"204 No Content", "GET"),
            (b"304 Not Modified", "GET"),
            (b"200 OK", "HEAD"),
            (b"200 Connection established", "CONNECT"),
        ],
    )
    def test_some_responses_have_no_body(self, status, method):
        reader = dripped(head(b"Content-Length: 5", status=status) + b"next")
        response = http1.parse_response(reader, method=method)
        assert response.body == b""
        assert reader.exactly(4) == b"next"

    def test_the_same_length_twice_is_one_length(self):
        for lines in (
            [b"Content-Length: 5", b"Content-Length: 5"],
            [b"Content-Length: 5, 5"],
        ):
            raw = head(*lines) + b"hello"
            assert http1.parse_response(raw).body == b"hello"

    @pytest.mark.parametrize(
        "lines",
        [
            [b"Content-Length: 5", b"Content-Length: 6"],
            [b"Content-Length: 5, 6"],
            [b"Content-Length: -5"],
            [b"Content-Length: +5"],
            [b"Content-Length: 5_0"],
            [b"Content-Length: five"],
            [b"Content-Length:"],
            [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
            [b"Transfer-Encoding: gzip"],
            [b"Transfer-Encoding: gzip, chunked"],
            [b"Transfer-Encoding: chunked, chunked"],
            [b"Transfer-Encoding: xchunked"],
            [b"Transfer-Encoding:"],
            [b"Name : value"],
            [b": value"],
            [b"no colon"],
            [b" folded: first"],
            [b"Name: a\x00b"],
            [b"Name: a\rb"],
            ["Näme: x".encode()],
        ],
    )
    def test_what_can_be_read_in_two_ways_is_refused(self, lines):
        with pytest.raises(ProtocolError):
            http1.parse_response(head(*lines) + b"5\r\nhello\r\n0\r\n\r\n")

    @pytest.mark.parametrize(
        "chunks",
        [
            b"x\r\n",
            b"-1\r\n",
            b"+5\r\nhello\r\n0\r\n\r\n",
            b"0x5\r\nhello\r\n0\r\n\r\n",
            b"5 5\r\nhello\r\n0\r\n\r\n",
            b"\r\n",
            b"5\r\nhelloXX0\r\n\r\n",
            b"4\r\nhello\r\n0\r\n\r\n",
            b"5\nhello\r\n0\r\n\r\n",
            b"5;a\nb\r\nhello\r\n0\r\n\r\n",
            b"5\r\nhello\n0\r\n\r\n",
            b"5\r\r\nhello\r\n0\r\n\r\n",
            b"1" * 16 + b"\r\n",
        ],
    )
    def test_wrong_chunks_are_refused(self, chunks):
        raw = head(b"Transfer-Encoding: chunked") + chunks
        with pytest.raises(ProtocolError):
            http1.parse_response(raw)

    @pytest.mark.parametrize(
        "raw",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"HTTP/2 200 OK\r\n\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1  200 OK\r\n\r\n",
            b"http/1.1 200 OK\r\n\r\n",
            b"<html>",
            b"\x15\x03\x03\x00\x02\x02\x46",
            b"\r\n",
        ],
    )
    @pytest.mark.parametrize("source", [bytes, dripped])
    def test_what_is_not_http_is_named(self, raw, source):
        with pytest.raises(ProtocolError, match=r"not HTTP/1\.1") as refused:
            http1.parse_response(source(raw))
        assert repr(raw.split(b"\r\n")[0])[2:6] in str(refused.value)

    def test_a_wrong_header_is_named_and_its_value_not_shown(self):
        raw = head(b"Authorization : Bearer s3cret")
        with pytest.raises(ProtocolError, match="Authorization") as refused:
            http1.parse_response(raw)
        assert "s3cret" not in str(refused.value)

    def test_a_wrong_header_is_refused_quickly_however_long_it_is(self):
        raw = head(b"Name:" + b" " * 60_000 + b"\x00")
        start = time.perf_counter()
        with pytest.raises(ProtocolError, match="no header"):
            http1.parse_response(raw)
        assert time.perf_counter() - start < 5  # it was half a minute

    def test_tls_is_recognised(self):
        with pytest.raises(ProtocolError, match="looks like TLS"):
            http1.parse_response(b"\x15\x03\x03\x00\x02\x02\x46")

    def test_nothing_at_all_is_a_closed_connection(self):
        with pytest.raises(ConnectionClosed, match="after 0 bytes"):
            http1.parse_response(b"")

    def test_a_folded_header_is_one_header(self):
        raw = head(b"Name: one", b"\t two", b"Content-Length: 0")
        assert http1.parse_response(raw).get("name") == "one two"

    def test_bare_line_feeds_are_line_ends(self):
        raw = b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"
        assert http1.parse_response(raw).body == b"hello"

    def test_the_reason_may_be_missing(self):
        for line in (b"200 ", b"200"):
            raw = head(b"Content-Length: 0", status=line)
            assert http1.parse_response(raw).reason == ""


class TestLimits:
    def test_of_the_body(self):
        assert http1.parse_response(LENGTH, max_body=5).body == b"hello"
        for raw in (LENGTH, CHUNKED, UNTIL_CLOSE):
            with pytest.raises(LimitExceeded, match="the body"):
                http1.parse_response(raw, max_body=4)

    def test_a_length_over_the_limit_is_refused_before_a_byte_is_read(self):
        reader = dripped(head(b"Content-Length: 99999999999") + b"x")
        with pytest.raises(LimitExceeded):
            http1.parse_response(reader)
        assert reader.exactly(1) == b"x"

    def test_of_the_head(self):
        line = b"X: " + b"y" * 1000
        assert http1.parse_response(head(*[line] * 60)).status == 200
        with pytest.raises(LimitExceeded, match="the head"):
            http1.parse_response(head(*[line] * 70))
        for source in (bytes, dripped):
            with pytest.raises(LimitExceeded, match=r"head .* 65536 bytes"):
                http1.parse_response(source(b"HTTP/1.1 200 " + b"x" * 70_000))

    def test_of_a_line_before_a_chunk(self):
        raw = head(b"Transfer-Encoding: chunked") + b"5;" + b"x" * 10_000
        for source in (bytes, dripped):
            with pytest.raises(LimitExceeded):
                http1.parse_response(source(raw))

    def test_many_small_chunks_take_no_more_memory_than_their_bytes(self):
        raw = head(b"Transfer-Encoding: chunked") + b"1\r\nx\r\n" * 200_000
        tracemalloc.start()
        try:
            response = http1.parse_response(raw + b"0\r\n\r\n")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert response.body == b"x" * 200_000
        assert peak < 3 * len(raw)

    def test_of_the_headers(self):
        with pytest.raises(LimitExceeded, match="100 headers"):
            http1.parse_response(head(*[b"A: b"] * 101))

    def test_of_trailers(self):
        raw = head(b"Transfer-Encoding: chunked") + b"0\r\n"
        with pytest.raises(LimitExceeded):
            http1.parse_response(raw + b"A: b\r\n" * 101 + b"\r\n")


class TestRequests:
    @pytest.mark.parametrize("source", [bytes, dripped])
    def test_parts(self, source):
        request = http1.parse_request(source(REQUEST))
        assert (request.method, request.target) == ("POST", "/a?b=c")
        assert request.get("HOST") == "example.com"
        assert request.body == b"hi"

    def test_the_end_between_two_requests_is_none(self):
        reader = dripped(REQUEST + REQUEST)
        assert http1.parse_request(reader).body == b"hi"
        assert http1.parse_request(reader).body == b"hi"
        assert http1.parse_request(reader) is None
        assert http1.parse_request(b"") is None

    def test_the_end_inside_one_is_an_error(self):
        for end in range(1, len(REQUEST)):
            for source in (bytes, dripped):
                with pytest.raises(ConnectionClosed):
                    http1.parse_request(source(REQUEST[:end]))

    def test_without_a_length_there_is_no_body(self):
        reader = dripped(b"POST / HTTP/1.1\r\nHost: a\r\n\r\nnext")
        assert http1.parse_request(reader).body == b""
        assert reader.exactly(4) == b"next"

    @pytest.mark.parametrize(
        "raw",
        [
            b"GET /\r\n\r\n",
            b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
            b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ],
    )
    def test_what_is_no_request_is_refused(self, raw):
        with pytest.raises(ProtocolError):
            http1.parse_request(raw)

    def test_an_old_request_needs_no_host(self):
        request = http1.parse_request(b"GET / HTTP/1.0\r\n\r\n")
        assert request.version == "1.0"
        assert not request.keep_alive


class TestMessages:
    def test_headers_are_found_in_any_case_and_kept_as_they_came(self):
        raw = head(b"SET-Cookie: a", b"set-cookie: b", b"Content-Length: 0")
        response = http1.parse_response(raw)
        assert response.headers[0] == ("SET-Cookie", "a")
        assert response.get_all("Set-Cookie") == ["a", "b"]
        assert response.get("X-None", "default") == "default"

    @pytest.mark.parametrize(
        ("version", "line", "kept"),
        [
            ("1.1", b"A: b", True),
            ("1.1", b"Connection: close", False),
            ("1.1", b"Connection: x, Close", False),
            ("1.0", b"A: b", False),
            ("1.0", b"Connection: Keep-Alive", True),
        ],
    )
    def test_whether_the_connection_stays(self, version, line, kept):
        raw = f"HTTP/{version} 204 x\r\n".encode() + line + b"\r\n\r\n"
        assert http1.parse_response(raw).keep_alive is kept

    def test_text_by_its_charset(self):
        for kind, body in (
            ("text/plain; charset=latin-1", b"caf\xe9"),
            ('text/plain; charset="latin-1"', b"caf\xe9"),
            ("text/plain; charset=nonsense", "café".encode()),
            ("text/plain; charset=idna", "café".encode()),
            ("text/plain; charset=undefined", "café".encode()),
            ("text/plain", "café".encode()),
        ):
            response = http1.Response(200, "", [("Content-Type", kind)], body)
            assert response.text == "café"

    def test_json(self):
        assert http1.Response(200, body=b'{"a": 1}').json() == {"a": 1}
        with pytest.raises(ValueError, match="Expecting"):
            http1.Response(200, body=b"<html>").json()
        with pytest.raises(ValueError, match="nested too deeply"):
            http1.Response(200, body=b"[" * 100_000).json()

    def test_a_repr_shows_no_secret(self):
        request = http1.Request(
            "GET", "/?key=s3cret", [("Authorization", "s3cret")], b"s3cret"
        )
        assert "s3cret" not in repr(request)
        assert repr(request) == "<Request GET /, 1 headers, 6 bytes>"


class TestWriting:
    def test_a_request_is_read_alike_by_h11(self):
        raw = http1.build_request(
            "POST", "/a?b", host="a.example", headers=[("X", "y")], body=b"hi"
        )
        server = h11.Connection(h11.SERVER)
        server.receive_data(raw)
        request = server.next_event()
        assert (request.method, request.target) == (b"POST", b"/a?b")
        assert (b"x", b"y") in list(request.headers)
        assert server.next_event().data == b"hi"
        assert isinstance(server.next_event(), h11.EndOfMessage)

    def test_a_response_is_read_alike_by_http_client(self):
        raw = http1.build_response(404, [("X", "y")], b"nothing")
        assert read_by_http_client(raw) == (404, "y", b"nothing")

    def test_chunks_are_read_alike_by_http_client(self):
        raw = http1.build_response(
            200, [("X", "y"), ("Transfer-Encoding", "chunked")]
        )
        raw += http1.encode_chunk(b"a" * 300) + http1.encode_chunk(b"b")
        raw += http1.LAST_CHUNK
        assert read_by_http_client(raw) == (200, "y", b"a" * 300 + b"b")

    @pytest.mark.parametrize("status", [100, 204, 304])
    def test_no_body_where_none_is_allowed(self, status):
        assert b"Content-Length" not in http1.build_response(status)
        with pytest.raises(ValueError, match="no body"):
            http1.build_response(status, body=b"x")

    def test_no_chunks_where_no_body_is_allowed(self):
        with pytest.raises(ValueError, match="no body"):
            http1.build_response(204, [("Transfer-Encoding", "chunked")])

    def test_an_answer_to_head_states_the_length_only(self):
        raw = http1.build_response(200, body=b"hello", method="HEAD")
        assert raw.endswith(b"Content-Length: 5\r\n\r\n")

    def test_unknown_statuses_have_no_reason(self):
        assert http1.build_response(299).startswith(b"HTTP/1.1 299 \r\n")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"method": "GET /evil HTTP/1.1\r\nX:"},
            {"method": ""},
            {"target": "/a b"},
            {"target": "/a\r\nX: y"},
            {"target": "/ä"},
            {"target": ""},
            {"host": "a\r\nX: y"},
            {"host": "a b"},
            {"host": "me@a"},
            {"host": "a/b"},
            {"host": "ä"},
            {"host": "\N{GRINNING FACE}"},
            {"host": ""},
            {"headers": [("HOST", "b")]},
            {"headers": {"Host": "b"}},
            {"headers": [("Content-Length", "chunked")]},
            {"headers": [("Transfer-Encoding", "chunked")] * 2},
            {"headers": [("X", "a\r\nEvil: yes")]},
            {"headers": [("X", "a\nEvil: yes")]},
            {"headers": [("X", "a\x00")]},
            {"headers": [("X: y\r\nEvil", "yes")]},
            {"headers": [("", "yes")]},
            {"headers": [("X", "\N{SNOWMAN}")]},
            {"headers": [("content-length", "7")]},
            {"headers": [("Transfer-Encoding", "gzip")]},
            {"headers": [("Transfer-Encoding", "chunked")], "body": b"x"},
        ],
    )
    def test_nothing_can_be_injected(self, wrong):
        right = {"method": "GET", "target": "/", "host": "a"}
        parts = {**right, **wrong}
        with pytest.raises(ValueError, match=r"must be|escape|written here"):
            http1.build_request(
                parts.pop("method"), parts.pop("target"), **parts
            )

    def test_headers_may_be_a_dict(self):
        raw = http1.build_request("GET", "/", host="a", headers={"TE": "x"})
        assert b"\r\nTE: x\r\n" in raw
        assert b"\r\nTE: x\r\n" in http1.build_response(200, {"TE": "x"})

    def test_a_value_that_is_no_text_is_named(self):
        with pytest.raises(TypeError, match="value of Age is text, not int"):
            http1.build_response(200, [("Age", 5)])

    def test_a_refusal_shows_no_value(self):
        with pytest.raises(ValueError, match="X-Key") as refused:
            http1.build_request(
                "GET", "/", host="a", headers=[("X-Key", "s3cret\n")]
            )
        assert "s3cret" not in str(refused.value)

    def test_an_empty_chunk_is_refused(self):
        with pytest.raises(ValueError, match="LAST_CHUNK"):
            http1.encode_chunk(b"")


NAMES = st.text("abcXYZ-!~", min_size=1, max_size=10)
VALUES = st.text(
    st.characters(
        min_codepoint=0x20,
        max_codepoint=0xFF,
        exclude_characters=[chr(n) for n in range(0x7F, 0xA1)],
    ),
    max_size=20,
).map(str.strip)
HEADERS = st.lists(
    st.tuples(NAMES, VALUES).filter(
        lambda pair: (
            pair[0].lower()
            not in {"content-length", "transfer-encoding", "host"}
        )
    ),
    max_size=5,
)


@given(status=st.integers(200, 599), headers=HEADERS, body=st.binary())
def test_a_response_comes_back_as_it_was(status, headers, body):
    if status in (204, 304):
        body = b""
    raw = http1.build_response(status, headers, body)
    for source in (bytes, dripped):
        response = http1.parse_response(source(raw))
        assert response.status == status
        assert response.body == body
        assert response.headers[: len(headers)] == headers


@given(headers=HEADERS, body=st.none() | st.binary())
def test_a_request_comes_back_as_it_was(headers, body):
    raw = http1.build_request(
        "PUT", "/x", host="a.example", headers=headers, body=body
    )
    request = http1.parse_request(dripped(raw))
    assert request.body == (body or b"")
    assert request.headers[1 : 1 + len(headers)] == headers


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_one_of_our_errors(data):
    for parse in (http1.parse_response, http1.parse_request):
        for raw in (data, b"HTTP/1.1 200 OK\r\n" + data):
            with contextlib.suppress(NetbasicsError):
                message = parse(raw)
                assert message is None or isinstance(message.body, bytes)


LINES = [
    b"Content-Length: 5",
    b"Content-Length: 0",
    b"Content-Length: 5, 5",
    b"content-length : 5",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: Chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"X:\ty\t",
    b" folded",
    b"X: a\rb",
    b"Connection: close",
]
BODIES = [
    b"hello",
    b"5\r\nhello\r\n",
    b"5;a=b\r\nhello\r\n",
    b"05 \r\nhello\r\n",
    b"5\nhello\n",
    b"0\r\n",
    b"X: y\r\n",
    b"\r\n",
]


@given(
    status=st.sampled_from([b"200 OK", b"204 x", b"304 x", b"404"]),
    lines=st.lists(st.sampled_from(LINES), max_size=3),
    body=st.lists(st.sampled_from(BODIES), max_size=4).map(b"".join),
)
def test_what_h11_accepts_too_it_reads_alike(status, lines, body):
    raw = head(*lines, status=status) + body
    with contextlib.suppress(NetbasicsError, h11.RemoteProtocolError):
        ours = http1.parse_response(raw)
        assert (ours.status, ours.body) == read_by_h11(raw)


def test_h11_and_we_do_read_something():
    assert read_by_h11(CHUNKED) == read_by_h11(LENGTH) == (200, b"hello")


def read_by_h11(raw):
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(raw)
    client.receive_data(b"")
    status, body = client.next_event().status_code, b""
    while isinstance(event := client.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return status, body


def read_by_http_client(raw):
    class Socket:
        def makefile(self, mode):
            return io.BytesIO(raw)

    response = http.client.HTTPResponse(Socket())
    response.begin()
    with response:
        return response.status, response.headers["X"], response.read()
