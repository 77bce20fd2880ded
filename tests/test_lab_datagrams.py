"""What UDP may do to a datagram, shown by bare sockets."""

import contextlib
import socket
import time

import pytest

from netbasics import lab


@contextlib.contextmanager
def caller(timeout=0.3):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.bind(("127.0.0.1", 0))
        yield sock


def answers(sock):
    """All datagrams with their senders, until none comes any more."""
    found = []
    with contextlib.suppress(TimeoutError):
        while True:
            found.append(sock.recvfrom(65_535))
    return found


def send(sock, peer, *texts):
    for text in texts:
        sock.sendto(text, peer.address)


def test_drops_loses_two_of_three():
    with lab.udp_drops() as peer, caller() as sock:
        send(sock, peer, b"1", b"2", b"3", b"4", b"5", b"6")
        assert [data for data, _ in answers(sock)] == [b"3", b"6"]
        assert peer.attempts == 6
        assert peer.seen == [b"1", b"2", b"3", b"4", b"5", b"6"]
        assert peer.url == f"udp://127.0.0.1:{peer.port}"


def test_drops_can_lose_everything():
    with lab.udp_drops(lost=1, of=1) as peer, caller() as sock:
        send(sock, peer, b"1", b"2")
        assert answers(sock) == []


@pytest.mark.parametrize(("lost", "of"), [(-1, 1), (2, 1), (0, 0)])
def test_a_loss_that_is_none_is_refused(lost, of):
    with pytest.raises(ValueError, match="not possible"):
        lab.udp_drops(lost, of)


def test_duplicates_answers_twice():
    with lab.udp_duplicates() as peer, caller() as sock:
        send(sock, peer, b"1")
        assert answers(sock) == [(b"1", peer.address)] * 2


def test_delays_is_late_and_holds_nobody_up():
    with lab.udp_delays(0.3) as peer, caller(5) as sock:
        began = time.monotonic()
        send(sock, peer, b"1", b"2", b"3")
        got = {sock.recv(10) for _ in range(3)}
        took = time.monotonic() - began
    assert got == {b"1", b"2", b"3"}
    assert 0.3 <= took < 0.3 + 0.5


def test_a_late_answer_does_not_delay_the_end(leaves_nothing):
    with lab.udp_delays(60) as peer, caller() as sock:
        send(sock, peer, b"1")
        assert peer.wait_for(1)
        began = time.monotonic()
        peer.stop()
        assert time.monotonic() - began < 0.3 + 0.5
        assert answers(sock) == []


def test_reorders_swaps_each_pair():
    with lab.udp_reorders(patience=5) as peer, caller() as sock:
        send(sock, peer, b"1", b"2", b"3", b"4")
        got = [data for data, _ in answers(sock)]
    assert got == [b"2", b"1", b"4", b"3"]


def test_reorders_answers_a_single_question_once():
    with lab.udp_reorders(patience=0.05) as peer, caller(0.5) as sock:
        for text in (b"1", b"2"):
            send(sock, peer, text)
            assert answers(sock) == [(text, peer.address)]


def test_truncates_leaves_half():
    with lab.udp_truncates() as peer, caller() as sock:
        send(sock, peer, b"0123456789")
        assert answers(sock) == [(b"01234", peer.address)]
    with lab.udp_truncates(3) as peer, caller() as sock:
        send(sock, peer, b"0123456789")
        assert answers(sock) == [(b"012", peer.address)]


def test_another_port_answers():
    with lab.udp_other_port() as peer, caller() as sock:
        send(sock, peer, b"1")
        ((data, sender),) = answers(sock)
    assert data == b"1"
    assert sender[0] == peer.host
    assert sender[1] != peer.port


def test_a_connected_socket_does_not_see_the_other_port():
    with lab.udp_other_port() as peer, caller() as sock:
        sock.connect(peer.address)
        sock.send(b"1")
        with pytest.raises(TimeoutError):
            sock.recv(10)
        assert peer.attempts == 1
