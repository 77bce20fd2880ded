"""Works, fails, works: shown by bare sockets."""

import socket

import pytest

from netbasics import lab


def ask(peer, timeout=5.0):
    """The status, or the name of the exception, or "closed"."""
    try:
        with socket.create_connection(peer.address, timeout=timeout) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            answer = sock.recv(4096)
    except OSError as error:
        return type(error).__name__
    return int(answer.split()[1]) if answer else "closed"


def test_flapping_fails_and_works_in_turn():
    with lab.flapping() as peer:
        assert [ask(peer) for _ in range(4)] == [503, 200, 503, 200]


def test_flapping_counts_both():
    with lab.flapping(fails=2, works=3, failure=500) as peer:
        answers = [ask(peer) for _ in range(7)]
    assert answers == [500, 500, 200, 200, 200, 500, 500]


def test_works_none_is_healthy_for_ever_after():
    with lab.flapping(fails=2, works=None) as peer:
        assert [ask(peer) for _ in range(6)] == [503, 503, 200, 200, 200, 200]


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (429, 429),
        ("reset", "ConnectionResetError"),
        ("close", "closed"),
        ("silent", "TimeoutError"),
    ],
)
def test_flapping_fails_in_the_way_it_is_told(failure, seen):
    with lab.flapping(failure=failure) as peer:
        assert [ask(peer, 0.5), ask(peer), ask(peer, 0.5)] == [seen, 200, seen]


@pytest.mark.parametrize(("fails", "works"), [(-1, 1), (1, -1), (0, 0)])
def test_a_pattern_that_is_none_is_refused(fails, works):
    with pytest.raises(ValueError, match="not a pattern"):
        lab.flapping(fails, works)


def test_a_failure_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match="'explode'"):
        lab.flapping(failure="explode")
