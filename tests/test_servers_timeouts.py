import socket
import ssl
import sys
import time

import pytest

from netbasics.servers import timeouts

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has another format"
)


def test_a_read_that_nobody_feeds_ends(pair):
    client, server = pair
    timeouts.receive_timeout(server, 0.05)
    start = time.monotonic()
    with pytest.raises(BlockingIOError):
        server.recv(10)
    assert 0.03 < time.monotonic() - start < 1
    client.sendall(b"x")
    assert server.recv(10) == b"x"
    assert server.gettimeout() is None  # Python itself does not ask first


def test_a_write_that_nobody_takes_ends(pair):
    _, server = pair
    timeouts.send_timeout(server, 0.05)
    much = b"x" * 50_000_000

    def send_for_ever():
        for _ in range(100):  # the kernel finds more room now and then
            assert 0 < server.send(much) < len(much)

    with pytest.raises(BlockingIOError):
        send_for_ever()


@pytest.mark.parametrize("seconds", [1e-9, 0.0])
def test_the_shortest_time_is_not_for_ever(pair, seconds):
    _, server = pair
    timeouts.receive_timeout(server, seconds)
    with pytest.raises(BlockingIOError):
        server.recv(10)


def test_where_it_can_be_used(pair):
    _, server = pair
    assert timeouts.available(server)
    context = ssl.create_default_context()
    left, right = socket.socketpair()
    with (
        right,
        context.wrap_socket(
            left, server_hostname="a", do_handshake_on_connect=False
        ) as sock,
    ):
        assert not timeouts.available(sock)
