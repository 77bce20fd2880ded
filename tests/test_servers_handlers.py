import email.utils
import functools
import http.client
import http.server
import logging
import socket
import time
import urllib.error
import urllib.request

import pytest

from netbasics import servers
from netbasics.servers import handlers, streams

pytestmark = pytest.mark.usefixtures("leaves_nothing")


class Plain(http.server.BaseHTTPRequestHandler):
    """HTTP/1.0, as the class is used in most tutorials."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"hello ")
        self.wfile.write(self.path.encode())


class Kept(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1: connections are kept alive."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET  # which does not read the body


def exchange(server, *pieces, half_close=False):
    """Send pieces of a request, return all that comes until the end."""
    with socket.create_connection(server.address, 10) as sock:
        for piece in pieces:
            sock.sendall(piece)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        return read_all(sock)


def read_all(sock):
    received = b""
    while data := sock.recv(65536):
        received += data
    return received


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def test_the_version_is_what_the_class_says():
    with servers.serve(Plain) as server:
        reply = exchange(server, GET)
        assert reply.startswith(b"HTTP/1.0 200 OK\r\n")
        assert reply.endswith(b"\r\n\r\nhello /")
    with servers.serve(Kept) as server:
        reply = exchange(server, GET, GET, LAST)
        assert reply.count(b"HTTP/1.1 200 OK\r\n") == 3
        assert server.served == 3


def test_a_half_closed_request_is_answered():
    with servers.serve(Kept) as server:
        assert exchange(server, GET, half_close=True).endswith(b"ok")


def test_pipelined_requests_are_answered_in_order():
    with servers.serve(Kept) as server:
        assert exchange(server, GET * 10 + LAST).count(b"200 OK") == 11


def test_a_body_that_was_not_read_is_not_the_next_request():
    # Read as a request, this body would be answered as one: smuggling.
    body = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    with servers.serve(Kept) as server:
        reply = exchange(server, head % len(body), body, LAST)
        assert reply.count(b"HTTP/1.1 200") == 2
        assert server.served == 2


def test_a_large_body_that_was_not_read_closes_the_connection():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"
    with servers.serve(Kept) as server:
        for _ in range(5):
            # The answer arrives, although much of the body is still coming.
            reply = exchange(server, head + b"x" * 500_000)
            assert reply.endswith(b"\r\n\r\nok")


@pytest.mark.parametrize(
    "framing",
    [
        b"Transfer-Encoding: chunked",
        b"Content-Length: x",
        b"Content-Length: -1",
    ],
)
def test_after_a_body_of_unknown_length_the_connection_is_closed(framing):
    request = b"POST / HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n"
    with servers.serve(Kept) as server:
        assert exchange(server, request + GET).count(b"200 OK") == 1


def test_what_the_class_overrides_stays_overridden():
    lines = []

    class Own(Plain):
        def log_message(self, format, *args):
            lines.append(format % args)

        def do_HEAD(self):
            self.send_response(204)
            self.end_headers()

        def setup(self):
            super().setup()
            self.ready = True

        def version_string(self):
            return f"own/{self.ready}"

    with servers.serve(Own) as server:
        reply = exchange(server, b"HEAD / HTTP/1.0\r\n\r\n")
        assert b"Server: own/True\r\n" in reply
    assert lines == ['"HEAD / HTTP/1.0" 204 -']


def test_the_servers_facts_are_where_handlers_look_for_them():
    class Facts(Plain):
        def do_GET(self):
            facts = (
                self.server.server_address,
                self.server.server_name,
                self.server.server_port,
                self.client_address[0],
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(repr(facts).encode())

    with servers.serve(Facts) as server:
        address = server.address
        facts = (address, "127.0.0.1", server.port, "127.0.0.1")
        assert exchange(server, GET).endswith(repr(facts).encode())


def test_files_from_a_folder(tmp_path):
    (tmp_path / "page.html").write_text("<p>hello")
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    app = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(tmp_path)
    )
    with servers.serve(app) as server:
        assert b"page.html" in exchange(server, GET)
        with urllib.request.urlopen(server.url + "/page.html") as reply:
            assert reply.read() == b"<p>hello"
        with urllib.request.urlopen(server.url + "/big") as reply:
            assert reply.read() == b"x" * 3_000_000
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(server.url + "/nothing")
        with caught.value as answer:
            assert answer.code == 404
        assert server.errors == []


def test_a_method_that_the_class_does_not_have():
    with servers.serve(Kept) as server:
        assert b" 501 " in exchange(server, b"BREW / HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/9.9", b"505"),
        (b"GET / HTTP/1.x", b"400"),
        (b"GET / / / HTTP/1.1", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", b"414"),
    ],
)
def test_requests_that_are_none(request_line, status):
    with servers.serve(Kept) as server:
        reply = exchange(server, request_line + b"\r\nHost: a\r\n\r\n")
        assert reply.split(b" ")[1] == status
        assert server.served == 0
        assert server.errors == []


def test_too_many_headers_are_refused():
    with servers.serve(Kept) as server:
        many = b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n"
        assert b" 431 " in exchange(server, many)


def test_an_exception_is_answered_with_500_even_after_its_headers(caplog):
    class Late(Kept):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            raise LookupError("too late?")

    # The headers were held back, so there is still time to say that it failed.
    with servers.serve(Late) as server:
        reply = exchange(server, GET)
        assert reply.startswith(b"HTTP/1.1 500 ")
        assert b"Connection: close\r\n" in reply
        assert b"too late" not in reply
        assert isinstance(server.errors[0], LookupError)


def test_an_exception_within_the_body_cuts_the_reply(caplog):
    class Half(Kept):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            raise LookupError

    with servers.serve(Half) as server:
        assert exchange(server, GET).endswith(b"\r\n\r\nhalf")


def test_a_timeout_of_the_handlers_own_is_an_error_of_the_handler(caplog):
    # http.server takes every TimeoutError for a slow client, and says nothing.
    class Outbound(Kept):
        def do_GET(self):
            raise TimeoutError("the database does not answer")

    with servers.serve(Outbound) as server:
        assert exchange(server, GET).startswith(b"HTTP/1.1 500 ")
        assert str(server.errors[0]) == "the database does not answer"


def test_an_event_stream_needs_no_flush():
    class Ticks(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for number in range(3):
                self.wfile.write(b"data: %d\n\n" % number)
                self.rfile.read(1)

    with (
        servers.serve(Ticks) as server,
        socket.create_connection(server.address, 10) as sock,
    ):
        sock.sendall(GET)
        with sock.makefile("rb") as file:
            for number in range(3):
                while file.readline() != b"data: %d\n" % number:
                    pass
                sock.sendall(b"+")


def test_a_slow_loris_does_not_hold_a_thread(monkeypatch, caplog):
    monkeypatch.setattr(streams, "HEADERS", 0.2)
    caplog.set_level(logging.DEBUG, "netbasics.servers")
    with (
        servers.serve(Kept) as server,
        socket.create_connection(server.address, 10) as sock,
    ):
        start = time.monotonic()
        sock.settimeout(0.01)
        sock.sendall(b"GET / HTTP/1.1\r\n")
        while True:
            try:
                sock.sendall(b"X-a: b\r\n")
                if sock.recv(100) == b"":
                    break
            except TimeoutError:
                assert time.monotonic() - start < 5
            except ConnectionError:
                break
        assert server.errors == []
        assert server.served == 0
    assert "gave up waiting for a request" in caplog.text


def test_a_class_may_set_how_long_clients_may_be_idle():
    class Hurried(Kept):
        timeout = 0.05

    with (
        servers.serve(Hurried) as server,
        socket.create_connection(server.address, 10) as sock,
    ):
        assert sock.recv(10) == b""


def test_a_body_that_does_not_come_in_time(monkeypatch):
    class Reads(Kept):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))

    monkeypatch.setattr(streams, "BODY", 0.1)
    head = b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n"
    with servers.serve(Reads) as server:
        exchange(server, head, b"some")
        assert server.errors == []


def test_a_client_that_resets_is_no_error_of_the_handler():
    class Waits(Kept):
        def do_GET(self):
            self.rfile.read(1)
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)

    with servers.serve(Waits) as server:
        with socket.create_connection(server.address, 10) as sock:
            sock.sendall(GET + b"+")
            assert sock.recv(10)
        server.stop()
        assert server.errors == []
        assert server.stuck == []


def test_the_date_is_right():
    with servers.serve(Kept) as server:
        reply = exchange(server, LAST)
        line = next(x for x in reply.split(b"\r\n") if x.startswith(b"Date: "))
        then = email.utils.parsedate_to_datetime(line[6:].decode()).timestamp()
        assert abs(then - time.time()) < 5


def test_the_class_itself_is_not_changed():
    before = dict(vars(Kept))
    with servers.serve(Kept) as server:
        exchange(server, LAST)
    assert dict(vars(Kept)) == before
    assert not issubclass(Kept, handlers.Repaired)
