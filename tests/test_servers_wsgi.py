import gzip
import http.client
import io
import json
import socket
import urllib.request
import wsgiref.validate

import flask
import pytest

from netbasics import servers
from netbasics.servers import wsgi

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def exchange(server, *pieces, half_close=False):
    with socket.create_connection(server.address, 10) as sock:
        for piece in pieces:
            sock.sendall(piece)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        received = b""
        while data := sock.recv(65536):
            received += data
        return received


def request(line, *headers, body=b""):
    return b"\r\n".join([line, b"Host: a", *headers, b"", body])


CLOSE = b"Connection: close"


def show(environ, start_response):
    """Answer with what the environ says."""
    names = [n for n, v in environ.items() if isinstance(v, str)]
    shown = {name: environ[name] for name in names}
    shown["body"] = environ["wsgi.input"].read().decode("latin-1")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(shown).encode()]


def shown(server, *args, **kwargs):
    reply = exchange(server, request(*args, CLOSE, **kwargs))
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    return json.loads(body)


@pytest.fixture
def server():
    with servers.serve(show) as server:
        yield server
        assert server.errors == []


def test_the_environ(server):
    seen = shown(server, b"GET /a%20b/%C3%A9?x=1&y=%20 HTTP/1.1", b"X-One: 1")
    assert seen["REQUEST_METHOD"] == "GET"
    assert seen["PATH_INFO"] == "/a b/é".encode().decode("latin-1")
    assert seen["QUERY_STRING"] == "x=1&y=%20"
    assert seen["SCRIPT_NAME"] == ""
    assert seen["SERVER_PORT"] == str(server.port)
    assert seen["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen["HTTP_X_ONE"] == "1"
    assert seen["HTTP_HOST"] == "a"
    assert seen["wsgi.url_scheme"] == "http"


def test_bytes_in_the_path_that_are_no_text(server):
    assert shown(server, b"GET /\xe9%ff HTTP/1.1")["PATH_INFO"] == "/\xe9\xff"


def test_a_request_as_a_proxy_gets_it(server):
    seen = shown(server, b"GET http://a.example/p?q HTTP/1.1")
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/p", "q")


def test_headers_that_come_twice_are_joined(server):
    headers = (b"Accept: a", b"Accept: b", b"Cookie: c=1", b"Cookie: d=2")
    seen = shown(server, b"GET / HTTP/1.1", *headers)
    assert seen["HTTP_ACCEPT"] == "a,b"
    assert seen["HTTP_COOKIE"] == "c=1; d=2"


def test_a_header_with_an_underscore_cannot_pose_as_another(server):
    headers = (b"X_Real_IP: evil", b"Content_Length: 5")
    seen = shown(server, b"GET / HTTP/1.1", *headers)
    assert "HTTP_X_REAL_IP" not in seen
    assert "CONTENT_LENGTH" not in seen


def test_a_body_with_a_length(server):
    seen = shown(
        server, b"POST / HTTP/1.1", b"Content-Length: 5", body=b"helloXXXX"
    )
    assert (seen["CONTENT_LENGTH"], seen["body"]) == ("5", "hello")


def test_a_body_in_chunks(server):
    seen = shown(
        server,
        b"POST / HTTP/1.1",
        b"Transfer-Encoding: chunked",
        body=b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
    )
    assert (seen["CONTENT_LENGTH"], seen["body"]) == ("5", "hello")
    assert "HTTP_TRANSFER_ENCODING" not in seen


def test_no_body_is_the_end_at_once(server):
    assert shown(server, b"POST / HTTP/1.1")["body"] == ""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([b"Content-Length: x"], b""),
        ([b"Content-Length: -5"], b""),
        ([b"Content-Length: 5, 5"], b"hello"),
        ([b"Content-Length: 5", b"Content-Length: 6"], b"hello"),
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], b"0\r\n\r\n"),
        ([b"Transfer-Encoding: gzip, chunked"], b"0\r\n\r\n"),
        ([b"Transfer-Encoding: identity"], b""),
        ([b"Transfer-Encoding: chunked"], b"five\r\n"),
        ([b"Transfer-Encoding: chunked"], b"5\r\nhelloXX\r\n"),
    ],
)
def test_framing_that_cannot_be_trusted_is_refused(server, headers, body):
    line = request(b"POST / HTTP/1.1", *headers, body=body)
    smuggled = request(b"GET /smuggled HTTP/1.1")
    reply = exchange(server, line + smuggled)
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert reply.count(b"HTTP/1.1") == 1


def test_a_chunked_body_without_end_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(wsgi, "CHUNKED_LIMIT", 10)
    reply = exchange(
        server,
        request(
            b"POST / HTTP/1.1",
            b"Transfer-Encoding: chunked",
            body=b"6\r\nhello \r\n6\r\nworld!\r\n",
        ),
    )
    assert reply.startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_that_breaks_off(server):
    line = request(b"POST / HTTP/1.1", b"Transfer-Encoding: chunked", body=b"5")
    reply = exchange(server, line, half_close=True)
    assert reply.startswith(b"HTTP/1.1 400 ")


def test_a_body_that_nobody_reads_is_not_the_next_request():
    def deaf(environ, start_response):
        start_response("200 OK", [])
        return [b"ok"]

    body = request(b"GET /smuggled HTTP/1.1")
    length = b"Content-Length: %d" % len(body)
    post = request(b"POST / HTTP/1.1", length, body=body)
    with servers.serve(deaf) as server:
        reply = exchange(server, post, request(b"GET / HTTP/1.1", CLOSE))
        assert reply.count(b"HTTP/1.1 200 OK") == 2
        assert server.served == 2
        large = request(b"POST / HTTP/1.1", b"Content-Length: 900000")
        reply = exchange(server, large + b"x" * 900_000)
        assert reply.endswith(b"\r\n\r\nok")


def test_a_client_that_leaves_within_its_body_is_no_error(server):
    line = request(b"POST / HTTP/1.1", b"Content-Length: 100", body=b"some")
    assert exchange(server, line, half_close=True) == b""


def test_the_validator_of_the_standard_library_finds_no_fault():
    def app(environ, start_response):
        environ["wsgi.input"].read(3)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine", b" and ", b"well"]

    with servers.serve(wsgiref.validate.validator(app)) as server:
        for data in (None, b"abcdef"):
            with urllib.request.urlopen(server.url, data, timeout=10) as reply:
                assert reply.read() == b"fine and well"
        assert server.errors == []


# Flask, as it is used.


@pytest.fixture
def flasked(tmp_path):
    app = flask.Flask("test")
    app.logger.disabled = True
    (tmp_path / "file.txt").write_text("from a file")

    @app.route("/json", methods=["GET", "POST", "PUT"])
    def echo_json():
        return {"got": flask.request.get_json(silent=True)}

    @app.post("/upload")
    def upload():
        file = flask.request.files["file"]
        return {"name": file.filename, "size": len(file.read())}

    @app.get("/file")
    def file():
        return flask.send_file(tmp_path / "file.txt")

    @app.get("/stream")
    def stream():
        return flask.Response(f"{n}\n" for n in range(3))

    @app.get("/nothing")
    def nothing():
        return "", 204

    @app.get("/cookies")
    def cookies():
        response = flask.jsonify(dict(flask.request.cookies))
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    with servers.serve(app) as server:
        yield server
        assert server.errors == []


def test_flask_json_head_and_missing_pages(flasked):
    connection = http.client.HTTPConnection(*flasked.address, timeout=10)

    def ask(method, path, body=None, **headers):
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply, reply.read()

    try:
        kind = {"Content-Type": "application/json"}
        reply, body = ask("POST", "/json", b'{"a": 1}', **kind)
        assert json.loads(body) == {"got": {"a": 1}}
        sock = connection.sock
        reply, body = ask("HEAD", "/json")
        assert (reply.status, body) == (200, b"")
        assert int(reply.headers["Content-Length"]) > 5
        reply, body = ask("GET", "/missing")
        assert reply.status == 404
        reply, body = ask("DELETE", "/json")
        assert reply.status == 405
        reply, body = ask("GET", "/nothing")
        assert (reply.status, body) == (204, b"")
        assert "Transfer-Encoding" not in reply.headers
        reply, body = ask("GET", "/stream")
        assert body == b"0\n1\n2\n"
        assert reply.headers["Transfer-Encoding"] == "chunked"
        reply, body = ask("GET", "/file")
        assert body == b"from a file"
        reply, body = ask("GET", "/cookies", Cookie="c=3")
        assert reply.headers.get_all("Set-Cookie") == [
            "a=1; Path=/",
            "b=2; Path=/",
        ]
        assert json.loads(body) == {"c": "3"}
        assert connection.sock is sock  # one connection for all of it
    finally:
        connection.close()
    assert len(reply.headers.get_all("Date")) == 1


def test_flask_reads_chunks_and_files(flasked):
    import requests

    def pieces():
        yield b'{"a"'
        yield b": [1, 2]}"

    reply = requests.put(
        flasked.url + "/json",
        data=pieces(),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert reply.json() == {"got": {"a": [1, 2]}}
    reply = requests.post(
        flasked.url + "/upload",
        files={"file": ("big.gz", gzip.compress(b"x") * 10_000)},
        timeout=10,
    )
    assert reply.json() == {"name": "big.gz", "size": 210_000}


def test_flask_answers_400_to_a_body_that_breaks_off(flasked):
    line = request(
        b"POST /upload HTTP/1.1",
        b"Content-Type: multipart/form-data; boundary=x",
        b"Content-Length: 100",
        body=b"--x\r\n",
    )
    assert exchange(flasked, line, half_close=True)[:13] == b"HTTP/1.1 400 "


def test_http_1_0_is_kept_alive_only_if_it_asks():
    def app(environ, start_response):
        start_response("200 OK", [])
        return io.BytesIO(b"a\nb")

    with servers.serve(app) as server:
        reply = exchange(server, b"GET / HTTP/1.0\r\n\r\n")
        assert reply.endswith(b"\r\n\r\na\nb")
        assert b"chunked" not in reply
        assert b"Connection: close\r\n" in reply
