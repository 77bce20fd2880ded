import socket
import time

import pytest

from netbasics import lab


@pytest.fixture
def sock():
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        yield sock


def test_strays_come_before_the_echo(sock):
    with lab.udp_strays(lambda data: [data[:1], b""]) as peer:
        sock.sendto(b"question", peer.address)
        got = [sock.recvfrom(100) for _ in range(3)]
    assert [data for data, _ in got] == [b"q", b"", b"question"]
    assert {sender for _, sender in got} == {peer.address}


def test_strays_can_come_from_elsewhere(sock):
    with lab.udp_strays(lambda data: [data], elsewhere=True) as peer:
        sock.sendto(b"question", peer.address)
        stray, stranger = sock.recvfrom(100)
        echo, sender = sock.recvfrom(100)
    assert stray == echo == b"question"
    assert stranger != peer.address
    assert sender == peer.address


def test_strays_without_end_and_no_echo(sock):
    with lab.udp_strays(lambda data: [b"stray"], every=0.01) as peer:
        sock.sendto(b"question", peer.address)
        assert [sock.recv(100) for _ in range(5)] == [b"stray"] * 5
        began = time.monotonic()
    assert time.monotonic() - began < 0.8


def test_an_answer_comes_with_the_next_question(sock):
    with lab.udp_answers_behind() as peer:
        sock.sendto(b"one", peer.address)
        assert peer.wait_for(1)
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(100)
        sock.settimeout(5)
        sock.sendto(b"two", peer.address)
        assert sock.recv(100) == b"one"


def test_an_answer_two_questions_behind(sock):
    with lab.udp_answers_behind(2) as peer:
        for data in (b"one", b"two", b"three"):
            sock.sendto(data, peer.address)
        assert sock.recv(100) == b"one"
