import errno
import gc
import logging
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import pytest

from netbasics import certs
from netbasics.servers import TCPServer, tcp
from netbasics.servers.workers import Workers

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def connect(server, timeout=5.0):
    return socket.create_connection(server.address, timeout)


def read_all(sock):
    pieces = []
    while data := sock.recv(65536):
        pieces.append(data)
    return b"".join(pieces)


def eventually(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def shout(sock, peer):
    while data := sock.recv(4096):
        sock.sendall(data.upper())


def test_the_handler_gets_a_socket_with_a_timeout_and_the_peer():
    seen = []

    def handler(sock, peer):
        nodelay = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        seen.append((sock.gettimeout(), bool(nodelay), peer))

    with TCPServer(handler, timeout=7.5) as server, connect(server) as sock:
        assert read_all(sock) == b""
        assert seen == [(7.5, True, sock.getsockname())]


def test_many_clients_are_served_at_the_same_time():
    with TCPServer(shout) as server:
        socks = [connect(server) for _ in range(20)]
        for number, sock in reversed(list(enumerate(socks))):
            sock.sendall(b"abc%d" % number)
        for number, sock in enumerate(socks):
            with sock:
                assert sock.recv(100) == b"ABC%d" % number
        assert server.served == 20


def test_start_and_stop_may_be_called_twice():
    server = TCPServer(shout)
    assert server.start() is server
    address = server.address
    assert server.start() is server
    assert server.address == address
    server.stop()
    server.stop()
    assert not server.running


def test_a_stopped_server_can_be_started_again():
    server = TCPServer(shout)
    for _ in range(3):
        with server, connect(server) as sock:
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"
    assert server.served == 3


def test_when_it_ends_threads_sockets_and_port_are_gone():
    before = set(threading.enumerate())
    with TCPServer(shout) as server:
        socks = [connect(server) for _ in range(5)]
        for sock in socks:
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"
        start = time.monotonic()
    assert time.monotonic() - start < 0.3
    assert set(threading.enumerate()) == before
    for sock in socks:
        with sock:
            assert sock.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    with TCPServer(shout, port=server.port) as again:
        assert again.address == server.address


def test_repr_shows_the_live_state():
    server = TCPServer(shout)
    assert repr(server) == "<TCPServer, not started>"
    with server:
        assert repr(server) == (
            f"<TCPServer 127.0.0.1:{server.port}, running, 0 served, 0 open>"
        )
        with connect(server) as sock:
            sock.sendall(b"x")
            sock.recv(10)
            assert "running, 1 served, 1 open" in repr(server)
    assert repr(server) == (
        f"<TCPServer 127.0.0.1:{server.port}, stopped, 1 served, 0 open>"
    )


def test_an_address_is_asked_for_too_early():
    with pytest.raises(RuntimeError, match="before it is started"):
        TCPServer(shout).address  # noqa: B018


def test_a_handlers_error_is_logged_and_kept_and_the_server_goes_on(caplog):
    def handler(sock, peer):
        if sock.recv(10) == b"bad":
            big = bytearray(1000)
            raise KeyError(f"no {len(big)}")
        sock.sendall(b"fine")

    with TCPServer(handler) as server:
        with connect(server) as sock:
            sock.sendall(b"bad")
            assert read_all(sock) == b""
        with connect(server) as sock:
            sock.sendall(b"good")
            assert read_all(sock) == b"fine"
        (error,) = server.errors
    assert isinstance(error, KeyError)
    assert error.__traceback__.tb_next is not None
    assert error.__traceback__.tb_next.tb_frame.f_locals == {}
    (record,) = [r for r in caplog.records if r.name == "netbasics.servers"]
    assert record.levelno == logging.ERROR
    assert "no 1000" in caplog.text


def test_a_peer_that_resets_is_kept_but_is_no_error_in_the_log(caplog):
    caplog.set_level(logging.INFO)
    with TCPServer(shout) as server:
        sock = connect(server)
        reset(sock)
        eventually(lambda: server.errors)
    assert isinstance(server.errors[0], ConnectionError)
    assert {r.levelno for r in caplog.records} == {logging.INFO}


def reset(sock):
    """Close with a reset: what a crashed client looks like."""
    option = struct.pack("ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
    sock.close()


def test_only_the_last_errors_are_kept(caplog):
    caplog.set_level(logging.CRITICAL)

    def handler(sock, peer):
        raise RuntimeError(sock.recv(10))

    with TCPServer(handler) as server:
        for number in range(110):
            with connect(server) as sock:
                sock.sendall(b"%d" % number)
                read_all(sock)
        assert [e.args[0] for e in server.errors] == [
            b"%d" % n for n in range(10, 110)
        ]


def test_an_idle_connection_is_timed_out():
    with TCPServer(shout, timeout=0.1) as server, connect(server) as sock:
        assert sock.recv(10) == b""
        assert isinstance(server.errors[0], TimeoutError)


def test_a_last_answer_arrives_although_input_is_left_unread():
    # Closed with unread input, a socket sends a reset, and the reset throws
    # the answer away.
    def handler(sock, peer):
        sock.recv(1)
        sock.sendall(b"too much" * 1000)

    for _ in range(5):
        with TCPServer(handler) as server, connect(server) as sock:
            sock.sendall(b"x" * 200_000)
            time.sleep(0.01)
            assert read_all(sock) == b"too much" * 1000


def test_a_peer_that_never_closes_is_not_waited_for_long():
    with TCPServer(lambda sock, peer: None) as server:
        with connect(server) as sock:
            assert sock.recv(10) == b""
            eventually(lambda: "0 open" in repr(server))
        assert server.errors == []


def test_clients_beyond_the_cap_wait_for_their_turn():
    arrived = threading.Semaphore(0)

    def handler(sock, peer):
        arrived.release()
        shout(sock, peer)

    with TCPServer(handler, max_connections=2) as server:
        socks = [connect(server) for _ in range(3)]
        assert arrived.acquire(timeout=5)
        assert arrived.acquire(timeout=5)
        socks[2].sendall(b"third")
        assert not arrived.acquire(timeout=0.1)
        socks[0].close()
        assert socks[2].recv(10) == b"THIRD"
        for sock in socks:
            sock.close()


def test_stop_does_not_wait_for_clients_beyond_the_cap():
    with TCPServer(shout, max_connections=1) as server:
        socks = [connect(server) for _ in range(3)]
        start = time.monotonic()
    assert time.monotonic() - start < 0.8
    for sock in socks:
        sock.close()


@pytest.mark.skipif(
    sys.platform != "linux", reason="the backlog is the kernel's own affair"
)
def test_a_crowd_that_dials_at_once_is_served():
    count = 300
    with TCPServer(shout) as server:
        socks = []
        for _ in range(count):
            sock = socket.socket()
            sock.setblocking(False)
            assert sock.connect_ex(server.address) in (0, errno.EINPROGRESS)
            socks.append(sock)
        for sock in socks:
            with sock:
                sock.settimeout(10)
                sock.sendall(b"me")
                assert sock.recv(10) == b"ME"
        assert server.served == count


def test_running_work_may_finish_within_the_drain_time():
    started = threading.Event()

    def handler(sock, peer):
        started.set()
        time.sleep(0.2)
        sock.sendall(b"done")

    server = TCPServer(handler).start()
    with connect(server) as sock:
        assert started.wait(5)
        server.stop(drain=5)
        assert read_all(sock) == b"done"
    assert server.stuck == []


def test_no_drain_cuts_at_once():
    def handler(sock, peer):
        while True:
            sock.sendall(b"x" * 65536)

    server = TCPServer(handler).start()
    with connect(server) as sock:
        assert sock.recv(1) == b"x"
        start = time.monotonic()
        server.stop(drain=0)
        assert time.monotonic() - start < 0.5
    assert server.errors == []


def test_a_handler_stuck_in_python_is_left_and_named(caplog):
    release = threading.Event()
    started = threading.Event()

    def stuck_handler(sock, peer):
        started.set()
        release.wait(30)

    server = TCPServer(stuck_handler).start()
    with connect(server) as sock:
        assert started.wait(5)
        start = time.monotonic()
        server.stop(drain=0.1)
        assert time.monotonic() - start < 0.8
        (name,) = server.stuck
        assert f"TCPServer {server.port}-1" in name
        assert str(sock.getsockname()[1]) in name
        assert "stuck_handler" in name
        assert __file__ in name
        assert "left behind" in caplog.text
        assert read_all(sock) == b""
    release.set()


def test_a_handler_may_stop_its_own_server():
    stopped = threading.Event()

    def handler(sock, peer):
        server.stop()
        sock.sendall(b"bye")
        stopped.set()

    server = TCPServer(handler).start()
    with connect(server) as sock:
        assert read_all(sock) == b"bye"
    assert stopped.wait(5)
    assert server.stuck == []


@pytest.mark.parametrize("port", [-1, 65536, 10**9])
def test_a_port_out_of_range(port):
    with pytest.raises(ValueError, match=rf"port {port} .*0 to 65535"):
        TCPServer(shout, port=port)


@pytest.mark.parametrize("port", ["80", 80.0, True, None])
def test_a_port_that_is_no_number(port):
    with pytest.raises(TypeError, match="port is an int"):
        TCPServer(shout, port=port)


def test_a_port_in_use():
    with TCPServer(shout) as server:
        second = TCPServer(shout, port=server.port)
        with pytest.raises(OSError, match=r"in use.*port=0") as caught:
            second.start()
        assert caught.value.errno == errno.EADDRINUSE
        assert str(server.port) in str(caught.value)
        assert not second.running
        # Nothing is lost: the first one goes on.
        with connect(server) as sock:
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"


def test_a_host_that_does_not_resolve():
    with pytest.raises(socket.gaierror, match="does not resolve"):
        TCPServer(shout, host="no..such").start()


def test_a_host_that_is_not_here():
    # 203.0.113.0/24 is reserved for documentation: nobody has it.
    with pytest.raises(OSError, match="not an address of this machine"):
        TCPServer(shout, host="203.0.113.7").start()


def test_an_empty_host_is_not_taken_for_every_network():
    with pytest.raises(ValueError, match="empty host"):
        TCPServer(shout, host="")


def test_every_network_has_a_url_on_this_machine():
    with TCPServer(shout, host="0.0.0.0") as server:
        assert server.url == f"tcp://127.0.0.1:{server.port}"


def test_ipv6_is_bracketed():
    server = TCPServer(shout, host="::1")
    try:
        server.start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert server.url == f"tcp://[::1]:{server.port}"
        assert f"[::1]:{server.port}" in repr(server)
        with connect(server) as sock:
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"


@pytest.mark.parametrize(
    "options",
    [{"backlog": 0}, {"max_connections": 0}, {"timeout": 0}, {"timeout": -1}],
)
def test_limits_that_make_no_sense(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        TCPServer(shout, **options)


def test_something_that_is_no_handler():
    with pytest.raises(TypeError, match="handler"):
        TCPServer(42)


def test_drain_is_no_negative_time():
    with pytest.raises(ValueError, match="drain"):
        TCPServer(shout).stop(drain=-1)


def test_tls_from_the_first_byte_to_the_last():
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()
    trust = authority.client_context()
    # Not to hear the end of TLS is an error for this client.
    with (
        TCPServer(shout, tls=tls) as server,
        connect(server) as raw,
        trust.wrap_socket(
            raw, server_hostname="127.0.0.1", suppress_ragged_eofs=False
        ) as sock,
    ):
        sock.sendall(b"secret")
        assert sock.recv(100) == b"SECRET"
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 0.3
        assert sock.recv(100) == b""


def test_a_client_that_is_silent_in_the_handshake_stops_nobody():
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()
    trust = authority.client_context()
    with TCPServer(shout, tls=tls) as server:
        with (
            connect(server),
            connect(server) as raw,
            trust.wrap_socket(raw, server_hostname="127.0.0.1") as sock,
        ):
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"
        start = time.monotonic()
    assert time.monotonic() - start < 0.3


def test_a_client_that_does_not_trust_the_certificate_ends_alone(caplog):
    caplog.set_level(logging.CRITICAL)
    tls = certs.Authority().issue("127.0.0.1").server_context()
    stranger = certs.Authority().client_context()
    with TCPServer(shout, tls=tls) as server:
        with (
            connect(server) as raw,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            stranger.wrap_socket(raw, server_hostname="127.0.0.1")
        eventually(lambda: server.errors)
        assert isinstance(server.errors[0], ssl.SSLError)
        assert server.served == 0


def test_leaving_the_program_with_a_running_server_is_quick_and_quiet():
    program = """
import socket
from netbasics import servers
s = servers.TCPServer(lambda sock, peer: sock.recv(10)).start()
c = socket.create_connection(s.address)
print("up")
c.close()
"""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("up\n", "", 0)
    assert time.monotonic() - start < 20


def test_importing_servers_is_cheap():
    program = (
        "import sys, netbasics.servers\n"
        "heavy = {'ssl', 'asyncio', 'http.server', 'requests', 'uvicorn',"
        " 'aiohttp', 'email'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


def test_nothing_is_left_for_the_garbage_collector_to_complain_about():
    with TCPServer(shout) as server, connect(server) as sock:
        sock.sendall(b"x")
        sock.recv(10)
    del server
    gc.collect()


def test_no_file_left_for_another_connection(monkeypatch, caplog):
    # accept() fails; the client waits in the backlog and is served later.
    caplog.set_level(logging.CRITICAL)
    accept, fails = socket.socket.accept, [1, 2]

    def failing(self):
        if fails:
            fails.pop()
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(self)

    monkeypatch.setattr(tcp, "RETRY", 0.02)
    monkeypatch.setattr(socket.socket, "accept", failing)
    with TCPServer(shout) as server, connect(server) as sock:
        sock.sendall(b"x")
        assert sock.recv(10) == b"X"
        assert [e.errno for e in server.errors] == [errno.EMFILE] * 2


def test_no_thread_left_for_another_connection(monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    run = Workers.run

    def failing(self, job):
        monkeypatch.setattr(Workers, "run", run)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Workers, "run", failing)
    with TCPServer(shout) as server:
        with connect(server) as sock:
            assert sock.recv(10) == b""
        with connect(server) as sock:
            sock.sendall(b"x")
            assert sock.recv(10) == b"X"
        assert isinstance(server.errors[0], RuntimeError)


def test_a_handler_that_exits_ends_its_connection_alone(caplog):
    def handler(sock, peer):
        if sock.recv(10) == b"exit":
            sys.exit("for no reason")
        sock.sendall(b"fine")

    with TCPServer(handler) as server:
        for data, answer in ((b"exit", b""), (b"stay", b"fine")):
            with connect(server) as sock:
                sock.sendall(data)
                assert read_all(sock) == answer
        assert isinstance(server.errors[0], SystemExit)


def test_a_client_that_was_let_in_by_the_kernel_is_not_reset():
    for _ in range(20):
        server = TCPServer(shout).start()
        with connect(server) as sock:
            server.stop()
            assert sock.recv(10) == b""
