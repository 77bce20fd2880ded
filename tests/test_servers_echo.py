import socket
import subprocess
import sys
import threading

import pytest

from netbasics import certs
from netbasics.servers import (
    EchoServer,
    GreetingServer,
    UDPEchoServer,
    echo,
)

pytestmark = pytest.mark.usefixtures("leaves_nothing")
MUCH = bytes(range(256)) * 4096 * 24  # 24 MiB: more than the kernel holds


def connect(server, timeout=20.0):
    return socket.create_connection(server.address, timeout)


def read_all(sock):
    pieces = []
    while data := sock.recv(1 << 20):
        pieces.append(data)
    return b"".join(pieces)


def test_it_echoes():
    with EchoServer() as server, connect(server) as sock:
        for text in (b"one", b"two", b"\0" * 5000):
            sock.sendall(text)
            assert sock.recv(10_000, socket.MSG_WAITALL) or True
            if text == b"two":
                break
        assert server.served == 1


def test_the_tail_comes_after_a_half_close():
    with EchoServer() as server, connect(server) as sock:
        sock.sendall(b"the tail")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b"the tail"


def test_a_client_that_sends_much_before_it_reads_is_no_deadlock():
    with EchoServer() as server, connect(server) as sock:
        sock.sendall(MUCH)
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == MUCH
        assert server.errors == []


def test_after_the_client_has_caught_up_it_goes_on():
    with EchoServer() as server, connect(server) as sock:
        for _ in range(2):
            sock.sendall(MUCH)
            got = bytearray()
            while len(got) < len(MUCH):
                got += sock.recv(1 << 20)
            assert got == MUCH
        sock.sendall(b"small")
        assert sock.recv(10) == b"small"


def test_it_holds_no_more_than_its_limit(monkeypatch):
    monkeypatch.setattr(echo, "HELD", 1 << 20)
    with EchoServer(timeout=0.3) as server, connect(server, 1) as sock:
        with pytest.raises((TimeoutError, ConnectionError)):
            sock.sendall(MUCH)
        sock.settimeout(20)
        got = 0
        try:
            while data := sock.recv(1 << 20):
                got += len(data)
        except ConnectionError:
            pass
        assert got < len(MUCH)
        assert "yet to read" in str(server.errors[0])


def test_a_silent_client_is_timed_out():
    with EchoServer(timeout=0.1) as server, connect(server) as sock:
        assert sock.recv(10) == b""
        assert "sent nothing for 0.1 s" in str(server.errors[0])


def test_echo_over_tls_survives_much_as_well():
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()
    trust = authority.client_context()
    with (
        EchoServer(tls=tls) as server,
        connect(server) as raw,
        trust.wrap_socket(raw, server_hostname="127.0.0.1") as sock,
    ):
        assert server.url.startswith("tls://")
        sock.sendall(b"small")
        assert sock.recv(10) == b"small"
        sock.sendall(MUCH)
        got = bytearray()
        while len(got) < len(MUCH):
            got += sock.recv(1 << 20)
        assert got == MUCH


def test_stop_while_a_client_is_connected_and_while_one_never_reads():
    server = EchoServer().start()
    with connect(server) as idle, connect(server) as deaf:
        idle.sendall(b"x")
        assert idle.recv(10) == b"x"
        deaf.sendall(MUCH)
        server.stop()
        assert idle.recv(10) == b""
    assert server.stuck == []


def test_the_greeting():
    for greeting in ("grüß dich\r\n", "grüß dich\r\n".encode()):
        with GreetingServer(greeting) as server, connect(server) as sock:
            assert read_all(sock) == "grüß dich\r\n".encode()


def test_the_greeting_reaches_a_client_that_talks_first():
    with GreetingServer(b"hello") as server:
        for _ in range(20):
            with connect(server) as sock:
                sock.sendall(b"x" * 10_000)
                assert read_all(sock) == b"hello"


def test_udp_echo():
    with (
        UDPEchoServer() as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
    ):
        sock.settimeout(5)
        sock.connect(server.address)
        for data in (b"", b"x", b"y" * 60_000):
            sock.send(data)
            assert sock.recv(65535) == data
        assert server.served == 3
        assert server.url == f"udp://127.0.0.1:{server.port}"


def test_a_thousand_clients_that_dial_at_once():
    resource = pytest.importorskip("resource")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2500:
        pytest.skip(f"only {soft} open files are allowed")
    done = []

    def dial():
        with connect(server) as sock:
            sock.sendall(b"me")
            done.append(sock.recv(10))

    with EchoServer() as server:
        threads = [threading.Thread(target=dial) for _ in range(1000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert done == [b"me"] * 1000


def test_it_works_in_an_interactive_session():
    program = """
from netbasics import servers
import socket
s = servers.EchoServer().start()
with socket.create_connection(s.address) as c:
    c.sendall(b"hi")
    print(c.recv(10))

s
s.stop(); s.stop()
s
t = servers.EchoServer().start()
"""
    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=program,
        capture_output=True,
        text=True,
        timeout=30,
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "b'hi'"
    assert lines[1].startswith("<EchoServer 127.0.0.1:")
    assert "running, 1 served" in lines[1]
    assert "stopped, 1 served" in lines[2]
    assert done.returncode == 0
