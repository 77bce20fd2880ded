"""What cannot be called is refused when the server is made."""

import functools

import pytest

from netbasics import servers
from netbasics.servers.calling import takes


@pytest.mark.parametrize("handler", [42, "text", lambda: 1, lambda sock: 1])
def test_a_handler_that_cannot_be_called_is_refused_at_once(handler):
    with pytest.raises(TypeError, match=r"handler\(sock, peer\)"):
        servers.TCPServer(handler)
    with pytest.raises(TypeError, match=r"handler\(data, peer\)"):
        servers.UDPServer(handler)


@pytest.mark.parametrize(
    "handler",
    [
        lambda sock, peer: 1,
        lambda *arguments: 1,
        lambda sock, peer, extra=1: 1,
        functools.partial(lambda extra, sock, peer: 1, 0),
        print,
    ],
)
def test_what_can_be_called_is_taken(handler):
    servers.TCPServer(handler)
    servers.UDPServer(handler)


def test_what_has_no_signature_takes_nothing():
    assert not takes(42, 2)
