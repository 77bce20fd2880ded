import gc
import logging
import pickle
import subprocess
import sys
import threading

import pytest

from netbasics.servers import EchoServer, Server, TCPServer
from netbasics.servers.base import describe


class Nothing(Server):
    """A server without a socket, to look at the life cycle alone."""

    fails = None

    def _begin(self):
        if self.fails:
            raise self.fails
        self._address = ("127.0.0.1", 12345)

    def _end(self, drain):
        self.drained = drain


def test_the_life_of_a_server():
    server = Nothing()
    assert not server.running
    assert repr(server) == "<Nothing, not started>"
    with server as same:
        assert same is server
        assert server.running
        assert (server.host, server.port) == server.address
        assert server.url == "tcp://127.0.0.1:12345"
    assert not server.running
    assert server.drained == 0.5
    assert repr(server) == "<Nothing 127.0.0.1:12345, stopped, 0 served>"


def test_a_start_that_fails_is_no_start():
    server = Nothing()
    server.fails = OSError("no")
    with pytest.raises(OSError, match="no"):
        server.start()
    assert not server.running
    server.stop()
    server.fails = None
    assert server.start().running
    server.stop(drain=0)
    assert server.drained == 0


@pytest.mark.parametrize("drain", [-1, float("nan")])
def test_a_drain_that_is_no_time(drain):
    with pytest.raises(ValueError, match="drain"):
        Nothing().stop(drain)


def test_two_threads_that_stop_it_at_the_same_time():
    calls = []

    class Slow(Nothing):
        def _end(self, drain):
            calls.append(drain)
            gate.wait(5)

    gate = threading.Event()
    server = Slow().start()
    threads = [threading.Thread(target=server.stop) for _ in range(5)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert calls == [0.5]


def test_counting_from_many_threads_loses_nothing():
    server = Nothing()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:

        def count():
            for _ in range(2000):
                server._count()

        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert server.served == 16_000


def fail(depth, payload):
    if depth:
        fail(depth - 1, payload)
    raise KeyError("deep")


def test_kept_errors_have_tracebacks_but_hold_no_data():
    class Payload:
        pass

    server = Nothing()
    payload = Payload()
    alive = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("netbasics.servers"), "disabled", True)
        try:
            try:
                fail(3, payload)
            except KeyError as error:
                raise ValueError("outer") from error
        except ValueError as error:
            server._failed(error, "a test")
    del payload
    gc.collect()
    alive = [o for o in gc.get_objects() if isinstance(o, Payload)]
    assert alive == []
    (kept,) = server.errors
    lines = []
    step = kept.__cause__.__traceback__
    while step is not None:
        lines.append(step.tb_frame.f_code.co_name)
        step = step.tb_next
    assert lines.count("fail") == 4


def test_the_same_error_is_kept_once(caplog):
    server = Nothing()
    error = KeyError("same")
    server._failed(error, "once")
    server._keep(error)
    assert server.errors == [error]
    assert pickle.loads(pickle.dumps(server.errors[0])).args == ("same",)


def test_describe_names_the_line_of_the_users_code():
    started, release = threading.Event(), threading.Event()

    def waits_here():
        started.set()
        release.wait(30)

    thread = threading.Thread(target=waits_here, name="mine")
    thread.start()
    assert started.wait(5)
    text = describe(thread)
    release.set()
    thread.join()
    assert text.startswith("thread 'mine' is in ")
    assert "waits_here" in text
    assert __file__ in text
    assert describe(thread) == "thread 'mine'"


EXITS = {
    "a running server": "s = servers.EchoServer().start()",
    "an open connection": (
        "s = servers.EchoServer().start()\n"
        "c = socket.create_connection(s.address)\nc.sendall(b'x')"
    ),
    "an asgi app": """
import fastapi, urllib.request
app = fastapi.FastAPI()
@app.get("/")
def index(): return 1
s = servers.serve(app).start()
urllib.request.urlopen(s.url).read()
""",
    "a stuck handler": """
import time
def handler(sock, peer):
    sock.sendall(b"x")
    time.sleep(60)
s = servers.TCPServer(handler).start()
c = socket.create_connection(s.address)
c.recv(1)
""",
}


@pytest.mark.parametrize("what", EXITS)
def test_leaving_the_program_without_stop_does_not_hang(what):
    program = f"import socket\nfrom netbasics import servers\n{EXITS[what]}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 0
    if "stuck" not in what:
        assert done.stderr == ""


def test_every_server_is_a_server():
    assert isinstance(EchoServer(), Server)
    assert isinstance(TCPServer(print), Server)
