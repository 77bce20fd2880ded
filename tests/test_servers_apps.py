"""What holds for each of the four kinds of app that serve() takes."""

import asyncio
import contextlib
import functools
import gc
import http.client
import http.server
import logging
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import fastapi
import flask
import pytest
import requests
from aiohttp import web
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.applications import Starlette

from netbasics import certs, servers
from netbasics.servers import apps

pytestmark = pytest.mark.usefixtures("leaves_nothing")


# One app, four times: /, /large, /echo, /boom, /slow/<seconds>, /events.

LARGE = b"z" * 5_000_000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/slow/"):
            time.sleep(float(self.path[6:]))
        if self.path == "/boom":
            raise RuntimeError("boom")
        if self.path == "/events":
            self.events()
        elif self.path == "/large":
            self.reply(LARGE)
        else:
            self.reply(b"hello")

    def do_POST(self):
        self.reply(self.rfile.read(int(self.headers["Content-Length"])))

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        while True:
            self.wfile.write(b"data: tick\n\n")
            time.sleep(0.02)


def make_flask():
    app = flask.Flask("four")
    app.logger.disabled = True

    @app.get("/")
    def index():
        return "hello"

    @app.get("/large")
    def large():
        return LARGE

    @app.post("/echo")
    def echo():
        return flask.request.get_data()

    @app.get("/boom")
    def boom():
        raise RuntimeError("boom")

    @app.get("/slow/<seconds>")
    def slow(seconds):
        time.sleep(float(seconds))
        return "hello"

    @app.get("/events")
    def events():
        def ticks():
            while True:
                yield b"data: tick\n\n"
                time.sleep(0.02)

        return flask.Response(ticks(), mimetype="text/event-stream")

    return app


def make_fastapi():
    app = fastapi.FastAPI()

    @app.get("/")
    def index():
        return PlainTextResponse("hello")

    @app.get("/large")
    def large():
        return PlainTextResponse(LARGE)

    @app.post("/echo")
    async def echo(request: fastapi.Request):
        return PlainTextResponse(await request.body())

    @app.get("/boom")
    def boom():
        raise RuntimeError("boom")

    @app.get("/slow/{seconds}")
    async def slow(seconds: float):
        await asyncio.sleep(seconds)
        return PlainTextResponse("hello")

    @app.get("/events")
    async def events():
        async def ticks():
            while True:
                yield b"data: tick\n\n"
                await asyncio.sleep(0.02)

        return StreamingResponse(ticks(), media_type="text/event-stream")

    return app


def make_aiohttp():
    async def index(request):
        return web.Response(text="hello")

    async def large(request):
        return web.Response(body=LARGE)

    async def echo(request):
        return web.Response(body=await request.read())

    async def boom(request):
        raise RuntimeError("boom")

    async def slow(request):
        await asyncio.sleep(float(request.match_info["seconds"]))
        return web.Response(text="hello")

    async def events(request):
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        await response.prepare(request)
        while True:
            await response.write(b"data: tick\n\n")
            await asyncio.sleep(0.02)

    app = web.Application()
    app.router.add_get("/", index)
    app.router.add_get("/large", large)
    app.router.add_post("/echo", echo)
    app.router.add_get("/boom", boom)
    app.router.add_get("/slow/{seconds}", slow)
    app.router.add_get("/events", events)
    return app


MAKERS = {
    "handler": lambda: Handler,
    "wsgi": make_flask,
    "asgi": make_fastapi,
    "aiohttp": make_aiohttp,
}


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def app(kind):
    return MAKERS[kind]()


def get(server, path="/", timeout=10):
    with urllib.request.urlopen(server.url + path, timeout=timeout) as reply:
        return reply.read()


def ask(server, path, answers):
    """Request a path in a thread; what came goes into `answers`."""

    def work():
        try:
            answers.append(get(server, path))
        except urllib.error.HTTPError as error:
            error.close()
            answers.append(error)
        except OSError as error:
            answers.append(error)
        except http.client.HTTPException as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def eventually(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def test_it_is_told_apart_from_the_object_itself(kind, app):
    assert apps.kind_of(app) == kind


def test_it_starts_answers_and_is_gone(app):
    before = set(threading.enumerate())
    with servers.serve(app) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert get(server) == b"hello"
        assert server.served == 1
        assert "running, 1 served" in repr(server)
    assert set(threading.enumerate()) == before
    assert not server.running
    assert "stopped, 1 served" in repr(server)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, 5)
    with socket.create_server(server.address):
        pass  # the port can be had again at once
    server.stop()


def test_real_clients_agree(app):
    with servers.serve(app) as server:
        body = b"x" * 100_000
        reply = requests.post(server.url + "/echo", data=body, timeout=10)
        assert reply.content == body
        connection = http.client.HTTPConnection(*server.address, timeout=10)
        with contextlib.closing(connection):
            for _ in range(3):
                connection.request("GET", "/")
                assert connection.getresponse().read() == b"hello"
        if curl := shutil.which("curl"):
            # Above 1 KiB curl asks first whether the body is welcome.
            done = subprocess.run(
                f"{curl} -sS -i -H Expect:100-continue --data-binary @- "
                f"{server.url}/echo".split(),
                input=b"y" * 5000,
                capture_output=True,
                timeout=20,
            )
            assert done.stderr == b""
            assert done.stdout.endswith(b"\r\n\r\n" + b"y" * 5000)
            assert b" 200 OK\r\n" in done.stdout


def test_small_replies_do_not_wait_for_a_delayed_acknowledgement(app):
    # The ghost takes 40 ms each time: 30 requests would take 1.2 s.
    with (
        servers.serve(app) as server,
        socket.create_connection(server.address, 10) as sock,
    ):
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        times = []
        for _ in range(30):
            start = time.perf_counter()
            sock.sendall(request)
            received = b""
            while not received.endswith(b"hello"):
                received += sock.recv(65536)
            times.append(time.perf_counter() - start)
        assert sorted(times)[15] < 0.03


def test_an_exception_is_answered_logged_and_kept(app, caplog):
    with servers.serve(app) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(server, "/boom")
        with caught.value as answer:
            assert answer.code == 500
            assert b"boom" not in answer.read()
        assert [str(error) for error in server.errors] == ["boom"]
        assert get(server) == b"hello"
    if not isinstance(app, flask.Flask):  # it has a log of its own
        records = [r for r in caplog.records if r.levelno >= logging.ERROR]
        assert {r.name for r in records} == {"netbasics.servers"}
        assert len(records) == 1
        assert "boom" in caplog.text


def test_the_access_log_is_for_who_wants_it(app, caplog, capfd):
    with servers.serve(app) as server:
        get(server)
        assert caplog.records == []
        caplog.set_level(logging.DEBUG, "netbasics.servers")
        get(server)
        assert any("GET /" in r.getMessage() for r in caplog.records)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_no_setting_of_the_log_is_touched(app):
    def settings():
        names = ("", "uvicorn", "uvicorn.access", "uvicorn.error", "asyncio")
        loggers = map(logging.getLogger, names)
        return [(o.level, o.propagate, list(o.handlers)) for o in loggers]

    before = settings()
    with servers.serve(app) as server:
        get(server)
    assert settings() == before


def test_stop_while_a_client_keeps_its_connection(app):
    with contextlib.ExitStack() as stack:
        with servers.serve(app) as server:
            sock = socket.create_connection(server.address, 10)
            stack.enter_context(sock)
            sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            received = b""
            while not received.endswith(b"hello"):
                received += sock.recv(65536)
            silent = socket.create_connection(server.address, 10)
            stack.enter_context(silent)
            start = time.monotonic()
        assert time.monotonic() - start < 0.3
        assert sock.recv(10) == b""
        assert silent.recv(10) == b""
    assert server.stuck == []


def test_stop_while_an_event_stream_is_read(app):
    before = set(threading.enumerate())
    server = servers.serve(app).start()
    with urllib.request.urlopen(server.url + "/events", timeout=10) as reply:
        assert reply.readline() == b"data: tick\n"
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 0.3
        with contextlib.suppress(http.client.HTTPException, OSError):
            while reply.read1(65536):
                pass
    assert server.stuck == []
    assert server.errors == []
    assert set(threading.enumerate()) == before


def test_a_running_request_may_finish(app):
    answers = []
    server = servers.serve(app).start()
    thread = ask(server, "/slow/0.25", answers)
    eventually(lambda: server.served == 1)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 0.6
    thread.join(10)
    assert answers == [b"hello"]
    assert server.stuck == []


def test_a_request_that_runs_too_long_is_ended(kind, app):
    answers = []
    server = servers.serve(app).start()
    thread = ask(server, "/slow/2", answers)
    eventually(lambda: server.served == 1)
    start = time.monotonic()
    server.stop(drain=0.1)
    assert time.monotonic() - start < 0.5
    thread.join(10)
    assert isinstance(answers[0], OSError | http.client.HTTPException)
    with socket.create_server(server.address):
        pass
    if kind in ("handler", "wsgi"):
        # Python cannot end a thread: it is left, and named.
        (name,) = server.stuck
        assert "slow" in name or "do_GET" in name
        assert __file__ in name
    else:
        assert server.stuck == []


def test_a_large_reply_that_is_being_read_slowly_is_sent_whole(app):
    server = servers.serve(app).start()
    with socket.create_connection(server.address, 10) as sock:
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        received = sock.recv(1000)
        stopper = threading.Thread(target=server.stop, args=(5,))
        stopper.start()
        while data := sock.recv(1 << 20):
            received += data
        stopper.join(10)
    assert received.endswith(b"\r\n\r\n" + LARGE)


def test_a_port_in_use_is_said_before_anything_starts(app):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"{port}.* in use.*port=0"):
            servers.serve(app, port=port).start()


def test_ports_and_hosts_that_cannot_be(app):
    with pytest.raises(ValueError, match="65536 is out of range"):
        servers.serve(app, port=65536)
    with pytest.raises(socket.gaierror, match="does not resolve"):
        servers.serve(app, host="no..such").start()


def test_https(app):
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()
    trust = authority.client_context()
    with contextlib.ExitStack() as stack:
        with servers.serve(app, tls=tls) as server:
            assert server.url == f"https://127.0.0.1:{server.port}"
            with urllib.request.urlopen(
                server.url, context=trust, timeout=10
            ) as reply:
                assert reply.read() == b"hello"
            kept = http.client.HTTPSConnection(
                *server.address, context=trust, timeout=10
            )
            stack.callback(kept.close)
            kept.request("POST", "/echo", b"x" * 100_000)
            assert kept.getresponse().read() == b"x" * 100_000
            # One that says nothing stops nobody.
            silent = socket.create_connection(server.address, 10)
            stack.enter_context(silent)
            kept.request("GET", "/")
            assert kept.getresponse().read() == b"hello"
            start = time.monotonic()
        assert time.monotonic() - start < 0.3
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(server.url, context=trust, timeout=10)


def test_a_certificate_that_is_not_trusted_is_refused(app, caplog):
    caplog.set_level(logging.CRITICAL)
    tls = certs.Authority().issue("127.0.0.1").server_context()
    stranger = certs.Authority().client_context()
    with servers.serve(app, tls=tls) as server:
        with pytest.raises(urllib.error.URLError) as caught:
            urllib.request.urlopen(server.url, context=stranger, timeout=10)
        reason = caught.value.reason
        assert isinstance(reason, ssl.SSLCertVerificationError)
        assert server.served == 0


def test_it_works_where_an_event_loop_runs_already(app):
    async def cell():
        with servers.serve(app) as server:
            return await asyncio.to_thread(get, server)

    assert asyncio.run(cell()) == b"hello"


def test_many_at_once(app):
    answers = []
    with servers.serve(app) as server:
        threads = [ask(server, "/", answers) for _ in range(60)]
        for thread in threads:
            thread.join(20)
        assert answers == [b"hello"] * 60
        assert server.served == 60


def test_garbage_ends_one_connection_and_not_the_server(app, caplog):
    caplog.set_level(logging.CRITICAL)
    with servers.serve(app) as server:
        for garbage in (b"\x16\x03\x01\0\xff" * 20, b"GET\r\n\r\n", b"\0" * 99):
            with socket.create_connection(server.address, 5) as sock:
                sock.sendall(garbage + b"\r\n\r\n")
                sock.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionError):
                    while sock.recv(65536):
                        pass
        assert get(server) == b"hello"
        assert server.errors == []


def test_a_client_that_leaves_in_the_middle_is_no_error_of_the_app(app):
    with servers.serve(app) as server:
        for _ in range(3):
            with socket.create_connection(server.address, 5) as sock:
                sock.sendall(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                assert sock.recv(1000)
        assert get(server) == b"hello"
        eventually(lambda: "0 open" in repr(server))
        assert server.errors == []


def test_nothing_is_left_for_the_garbage_collector(app):
    with servers.serve(app) as server:
        get(server)
    del server, app
    gc.collect()


# What is no app.


@pytest.mark.parametrize(
    "thing",
    [
        42,
        None,
        "module:app",
        int,
        flask.Flask,
        fastapi.FastAPI,
        lambda: None,
        lambda a, b, c, d: None,
        object(),
        servers.EchoServer,
    ],
)
def test_what_is_no_app_is_refused_with_what_would_be(thing):
    with pytest.raises(TypeError) as caught:
        servers.serve(thing)
    message = str(caught.value)
    assert repr(thing) in message
    for word in ("BaseHTTPRequestHandler", "WSGI", "ASGI", "aiohttp"):
        assert word in message


def test_unusual_shapes_of_apps():
    class WSGIObject:
        def __call__(self, environ, start_response): ...

    class WSGIClass:
        def __init__(self, environ, start_response): ...
        def __iter__(self): ...

    class ASGIObject:
        async def __call__(self, scope, receive, send): ...

    async def asgi_function(scope, receive, send): ...
    async def greedy(*args): ...
    def wsgi_with_default(environ, start_response, extra=None): ...

    assert apps.kind_of(WSGIObject()) == "wsgi"
    assert apps.kind_of(WSGIClass) == "wsgi"
    assert apps.kind_of(ASGIObject()) == "asgi"
    assert apps.kind_of(asgi_function) == "asgi"
    assert apps.kind_of(greedy) == "asgi"
    assert apps.kind_of(wsgi_with_default) == "wsgi"
    assert apps.kind_of(make_flask().wsgi_app) == "wsgi"
    assert apps.kind_of(Starlette()) == "asgi"
    partial = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory="/"
    )
    assert apps.kind_of(partial) == "handler"


def test_only_what_an_app_needs_is_imported():
    program = """
import sys
from netbasics import servers
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"x"]
with servers.serve(app):
    pass
print(sorted({"uvicorn", "aiohttp", "flask", "asyncio"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="counts open files by /proc"
)
def test_no_open_file_is_left(kind):
    def open_files():
        return len(os.listdir("/proc/self/fd"))

    def run():
        with servers.serve(MAKERS[kind]()) as server:
            get(server)
            sock = socket.create_connection(server.address, 5)
            sock.sendall(b"GET /slow/5 HTTP/1.1\r\nHost: a\r\n\r\n")
            eventually(lambda: server.served == 2)
            server.stop(drain=0)
            sock.close()
        end.append(server.stuck)

    end = []
    get_ready = servers.serve(MAKERS[kind]())
    with get_ready:
        get(get_ready)  # what is opened once and for all
    before = open_files()
    if kind in ("asgi", "aiohttp"):
        run()
        run()
        assert end == [[], []]
    else:
        with servers.serve(MAKERS[kind]()) as server:
            get(server)
    assert open_files() == before


def slow_stream(kind):
    """A stream whose app sleeps a second between two pieces."""
    if kind == "handler":

        class Slow(Handler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                while True:
                    self.wfile.write(b"tick\n")
                    time.sleep(1)

        return Slow

    def ticks():
        while True:
            yield b"tick\n"
            time.sleep(1)

    if kind == "wsgi":
        app = flask.Flask("slow")
        app.add_url_rule("/", view_func=lambda: flask.Response(ticks()))
        return app
    if kind == "asgi":
        app = fastapi.FastAPI()
        app.get("/")(lambda: StreamingResponse(ticks()))
        return app

    async def stream(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"tick\n")
            await asyncio.sleep(1)

    app = web.Application()
    app.router.add_get("/", stream)
    return app


def test_a_stream_whose_app_sleeps_does_not_hold_stop(kind):
    server = servers.serve(slow_stream(kind)).start()
    with socket.create_connection(server.address, 10) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        received = b""
        while b"tick" not in received:
            received += sock.recv(1000)
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 0.3
    if kind == "aiohttp":
        assert server.stuck == []
    else:
        assert any(__file__ in name for name in server.stuck)
