import errno
import socket
import sys
import threading
import time

import pytest

from netbasics.servers import UDPServer

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture
def client():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        yield sock


def test_the_handler_gets_data_and_peer_and_answers(client):
    seen = []

    def handler(data, peer):
        seen.append((data, peer))
        return data.upper()

    with UDPServer(handler) as server:
        client.connect(server.address)
        client.send(b"hello")
        assert client.recv(100) == b"HELLO"
        assert seen == [(b"hello", client.getsockname())]
        assert server.served == 1
        assert repr(server) == (
            f"<UDPServer 127.0.0.1:{server.port}, running, 1 served>"
        )


def test_none_is_no_answer_and_empty_bytes_are_one(client):
    answers = {b"silent": None, b"empty": b"", b"full": b"full"}
    with UDPServer(lambda data, peer: answers[data]) as server:
        client.connect(server.address)
        client.send(b"silent")
        client.send(b"empty")
        assert client.recv(100) == b""
        client.send(b"full")
        assert client.recv(100) == b"full"


def test_the_largest_datagram_comes_whole(client):
    with UDPServer(lambda data, peer: b"%d" % len(data)) as server:
        client.sendto(b"x" * 65507, server.address)
        assert client.recv(100) == b"65507"


def test_errors_are_kept_and_the_server_goes_on(client, caplog):
    answers = {
        b"raise": lambda: 1 / 0,
        b"text": lambda: "text",
        b"huge": lambda: b"x" * 70_000,
    }

    def handler(data, peer):
        return answers[data]() if data in answers else b"fine"

    with UDPServer(handler) as server:
        client.connect(server.address)
        for data in answers:
            client.send(data)
        client.send(b"ok")
        assert client.recv(100) == b"fine"
        kinds = [type(error) for error in server.errors]
        assert kinds == [ZeroDivisionError, TypeError, OSError]
    assert "ZeroDivisionError" in caplog.text


def test_it_ends_at_once_and_its_port_is_free():
    with UDPServer(lambda data, peer: data) as server:
        start = time.monotonic()
    assert time.monotonic() - start < 0.3
    with UDPServer(lambda data, peer: data, port=server.port) as again:
        assert again.port == server.port
    server.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1"])
def test_it_ends_at_once_on_whichever_address_it_waits(host):
    if ":" in host and not has_ipv6():
        pytest.skip("there is no IPv6 here")
    with UDPServer(lambda data, peer: data, host=host) as server:
        pass
    assert server.stuck == []


@pytest.mark.skipif(sys.platform != "linux", reason="others need a datagram")
def test_it_ends_where_it_cannot_reach_itself(monkeypatch):
    # Nobody may send to this address without asking for it first.
    monkeypatch.setattr(UDPServer, "_host_here", "255.255.255.255")
    with UDPServer(lambda data, peer: data) as server:
        pass
    assert server.stuck == []
    assert not server._thread.is_alive()


def test_it_ends_with_datagrams_still_waiting(client):
    served = threading.Event()

    def handler(data, peer):
        served.set()
        time.sleep(0.05)

    with UDPServer(handler) as server:
        for _ in range(5000):  # more than the socket's buffer holds
            client.sendto(b"x", server.address)
        assert served.wait(5)
        start = time.monotonic()
    assert time.monotonic() - start < 1.0
    assert server.stuck == []


def test_a_port_in_use():
    with UDPServer(lambda data, peer: data) as server:
        other = UDPServer(lambda data, peer: data, port=server.port)
        with pytest.raises(OSError, match=r"UDP port .* in use") as caught:
            other.start()
        assert caught.value.errno == errno.EADDRINUSE


def test_a_stuck_handler_is_named_and_the_port_is_free_all_the_same(client):
    release, started = threading.Event(), threading.Event()

    def handler(data, peer):
        started.set()
        release.wait(30)
        return b"late"

    server = UDPServer(handler).start()
    client.sendto(b"x", server.address)
    assert started.wait(5)
    server.stop(drain=0)
    assert "UDPServer" in server.stuck[0]
    with UDPServer(lambda data, peer: data, port=server.port):
        release.set()
    server._thread.join(5)
    assert server.errors == []


def test_a_handler_may_stop_its_own_server(client):
    def handler(data, peer):
        server.stop()
        return b"bye"

    server = UDPServer(handler).start()
    client.sendto(b"x", server.address)
    assert client.recv(100) == b"bye"


def test_something_that_is_no_handler():
    with pytest.raises(TypeError, match="handler"):
        UDPServer(None)
