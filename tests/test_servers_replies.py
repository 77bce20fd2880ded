import socket
import sys
import threading

import h11
import pytest

from netbasics import servers

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def exchange(server, method="GET", version="1.1"):
    """One request, read by h11: (status, headers, body)."""
    reader = h11.Connection(h11.CLIENT)
    with socket.create_connection(server.address, 10) as sock:
        host = [("Host", "a"), ("Connection", "close")]
        sent = h11.Request(
            method=method, target="/", headers=host, http_version=version
        )
        sock.sendall(reader.send(sent) + reader.send(h11.EndOfMessage()))
        status, headers, body = None, {}, b""
        while True:
            event = reader.next_event()
            if event is h11.NEED_DATA:
                reader.receive_data(sock.recv(65536))
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = dict(event.headers)
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return status, headers, body
            else:
                raise AssertionError(event)


def answering(status, headers, pieces):
    def app(environ, start_response):
        start_response(status, headers)
        return pieces

    return app


@pytest.mark.parametrize(
    ("pieces", "framing"),
    [
        ([b"hello"], {b"content-length": b"5"}),
        ((b"hello",), {b"content-length": b"5"}),
        ([b""], {b"content-length": b"0"}),
        ([], {b"content-length": b"0"}),
        ([b"hel", b"", b"lo"], {b"transfer-encoding": b"chunked"}),
        (iter([b"hello"]), {b"transfer-encoding": b"chunked"}),
    ],
)
def test_the_client_sees_where_the_body_ends(pieces, framing):
    body = b"".join(pieces) if isinstance(pieces, list | tuple) else b"hello"
    with servers.serve(answering("200 OK", [], pieces)) as server:
        status, headers, received = exchange(server)
        assert (status, received) == (200, body)
        for name in (b"content-length", b"transfer-encoding"):
            assert headers.get(name) == framing.get(name)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_replies_that_have_no_body_get_none(status):
    with servers.serve(answering(status, [], [b"no"])) as server:
        code, headers, body = exchange(server)
        assert (code, body) == (int(status[:3]), b"")
        assert b"content-length" not in headers
        assert b"transfer-encoding" not in headers


def test_head_has_the_headers_of_get_and_no_body():
    with servers.serve(answering("200 OK", [], [b"hello"])) as server:
        status, headers, body = exchange(server, "HEAD")
        assert (status, body) == (200, b"")
        assert headers[b"content-length"] == b"5"


def test_date_and_server_of_the_app_win():
    headers = [("Date", "then"), ("server", "mine")]
    with servers.serve(answering("200 OK", headers, [b""])) as server:
        _, received, _ = exchange(server)
        assert (received[b"date"], received[b"server"]) == (b"then", b"mine")


def test_write_as_the_pep_still_has_it():
    def app(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "5")])
        write(b"hel")
        return [b"lo"]

    with servers.serve(app) as server:
        assert exchange(server)[2] == b"hello"


def test_the_result_is_closed_whatever_happens():
    closed = []

    class Result:
        def __init__(self, fail):
            self.fail = fail

        def __iter__(self):
            yield b"some"
            if self.fail:
                raise LookupError

        def close(self):
            closed.append(self.fail)

    for fail in (False, True):
        with servers.serve(answering("200 OK", [], Result(fail))) as server:
            if fail:
                with pytest.raises(h11.RemoteProtocolError):
                    exchange(server)
            else:
                exchange(server)
    assert closed == [False, True]


def refuse_lengths(environ, start_response):
    start_response("200 OK", [("Content-Length", "3")])
    return [b"hello"]


def no_start(environ, start_response):
    return [b"hello"]


def two_starts(environ, start_response):
    start_response("200 OK", [])
    start_response("201 Created", [])
    return [b""]


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (no_start, "did not call start_response"),
        (two_starts, "called twice"),
        (refuse_lengths, "2 bytes more"),
        (answering("fine", [], [b""]), "like '200 OK'"),
        (answering("200 OK", [], ["text"]), "yields bytes"),
        (answering("200 OK", [("A", "b\r\nC: d")], [b""]), "line break"),
        (answering("200 OK", [("Content-Length", "x")], [b"a"]), "invalid"),
    ],
)
def test_apps_that_break_the_rules_get_500(app, reason, caplog):
    with servers.serve(app) as server:
        status, _, body = exchange(server)
        assert status == 500
        assert b"C: d" not in body
        assert reason in str(server.errors[0])


def test_fewer_bytes_than_promised_is_a_cut_and_an_error(caplog):
    app = answering("200 OK", [("Content-Length", "9")], [b"hello"])
    with servers.serve(app) as server:
        with pytest.raises(h11.RemoteProtocolError):
            exchange(server)
        assert "4 bytes less" in str(server.errors[0])


def test_an_error_page_may_replace_a_reply_that_has_not_begun():
    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            raise LookupError
        except LookupError:
            start_response("503 Busy", [("A", "b")], sys.exc_info())
        return [b"later"]

    with servers.serve(app) as server:
        status, headers, body = exchange(server)
        assert (status, headers[b"a"], body) == (503, b"b", b"later")


def test_pieces_of_a_stream_arrive_one_by_one():
    go = threading.Semaphore(0)

    def app(environ, start_response):
        start_response("200 OK", [])
        for number in range(3):
            yield b"%d" % number
            assert go.acquire(timeout=10)

    with (
        servers.serve(app) as server,
        socket.create_connection(server.address, 10) as sock,
    ):
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        received = b""
        for number in range(3):
            while not received.endswith(b"1\r\n%d\r\n" % number):
                received += sock.recv(100)
            go.release()
        while not received.endswith(b"0\r\n\r\n"):
            received += sock.recv(100)
