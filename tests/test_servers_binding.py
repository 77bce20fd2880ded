import errno
import os
import socket
import sys

import pytest

from netbasics.servers.binding import bind, check_address


def test_a_listening_socket_has_what_asyncio_looks_for():
    # Without the protocol number asyncio leaves TCP_NODELAY off.
    with bind("127.0.0.1", 0, socket.SOCK_STREAM, backlog=10) as sock:
        assert sock.proto == socket.IPPROTO_TCP
        with socket.create_connection(sock.getsockname(), 5):
            accepted, _ = sock.accept()
            with accepted:
                assert accepted.proto == socket.IPPROTO_TCP


def test_port_0_takes_a_free_one():
    with (
        bind("127.0.0.1", 0, socket.SOCK_STREAM) as one,
        bind("127.0.0.1", 0, socket.SOCK_STREAM) as two,
    ):
        assert one.getsockname()[1] != two.getsockname()[1]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use(kind):
    with bind("127.0.0.1", 0, kind) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} .*in use") as caught:
            bind("127.0.0.1", port, kind)
        assert caught.value.errno == errno.EADDRINUSE
        assert "port=0" in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="shows a Linux error")
def test_a_reserved_port():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        free_from = int(file.read())
    if os.geteuid() == 0 or free_from <= 80:
        pytest.skip("this user may take any port")
    with pytest.raises(PermissionError, match="above 1023"):
        bind("127.0.0.1", 80, socket.SOCK_STREAM)


def test_localhost_is_taken_for_its_ipv4_address():
    with bind("localhost", 0, socket.SOCK_STREAM) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["no..such", "a" * 70 + ".example", "no such"])
def test_hosts_that_do_not_resolve(host):
    with pytest.raises(socket.gaierror, match="does not resolve") as caught:
        bind(host, 0, socket.SOCK_STREAM)
    assert repr(host) in str(caught.value)
    assert caught.value.errno is not None


def test_other_errors_keep_their_number(monkeypatch):
    def fail(self, backlog):
        raise OSError(errno.ENOBUFS, "no buffers")

    class Socket(socket.socket):
        listen = fail

    monkeypatch.setattr(socket, "socket", Socket)
    with pytest.raises(OSError, match="cannot listen on TCP port 0") as caught:
        bind("127.0.0.1", 0, socket.SOCK_STREAM)
    assert caught.value.errno == errno.ENOBUFS


@pytest.mark.parametrize("port", [0, 1, 80, 65535])
def test_ports_that_can_be(port):
    check_address("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "error"),
    [
        ("127.0.0.1", -1, ValueError),
        ("127.0.0.1", 65536, ValueError),
        ("127.0.0.1", "80", TypeError),
        ("127.0.0.1", True, TypeError),
        ("127.0.0.1", 8.0, TypeError),
        ("", 0, ValueError),
        (None, 0, TypeError),
        (b"127.0.0.1", 0, TypeError),
        (("127.0.0.1", 80), 0, TypeError),
    ],
)
def test_what_can_never_be_an_address(host, port, error):
    with pytest.raises(error):
        check_address(host, port)
