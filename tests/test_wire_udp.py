"""The tap for UDP."""

import contextlib
import socket
import time

import pytest

from netbasics import lab, servers, sockets, wire
from netbasics.errors import UnsafeURL


def client_of(tap):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(10)
    sock.connect(tap.address)
    return sock


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 200])
def test_datagrams_stay_whole(data, leaves_nothing):
    with (
        servers.UDPEchoServer() as server,
        wire.tap_udp(server) as tap,
        client_of(tap) as client,
    ):
        client.send(data)
        assert client.recv(65535) == data
        there, back = tap.transcript
    assert (there.kind, there.direction) == ("datagram", wire.TO_SERVER)
    assert (back.kind, back.direction) == ("datagram", wire.TO_CLIENT)
    assert there.data == back.data == data
    assert there.size == len(data)


def test_each_client_gets_its_own_answers():
    with servers.UDPEchoServer() as server, wire.tap_udp(server) as tap:
        clients = [client_of(tap) for _ in range(20)]
        for number, client in enumerate(clients):
            client.send(f"{number}".encode())
        for number, client in enumerate(clients):
            assert client.recv(100) == f"{number}".encode()
            client.close()
        transcript = tap.transcript
    assert len(transcript.flows) == 20
    for flow in transcript.flows:
        assert flow.protocol == "udp"
        there = transcript.data(wire.TO_SERVER, flow.number)
        assert there == transcript.data(wire.TO_CLIENT, flow.number)


def test_that_nothing_listens_is_said_in_the_record():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = taken.getsockname()
    with wire.tap_udp(address) as tap, client_of(tap) as client:
        client.send(b"anybody?")
        end = time.monotonic() + 10
        while not tap.transcript.filter(kind="note"):
            assert time.monotonic() < end
            time.sleep(0.005)
        assert "Nothing listens" in tap.transcript.filter(kind="note")[0].note
        client.send(b"and now?")
    assert b"and now?" in tap.transcript.data(wire.TO_SERVER)
    assert "Nothing listens" in tap.diagram()


def test_what_the_lab_drops_is_seen_to_be_asked_again():
    with lab.udp_drops() as peer, wire.tap_udp(peer) as tap:
        answer = None
        with contextlib.suppress(TimeoutError):
            answer = sockets.ask_udp(tap.address, b"ping", timeout=0.2)
        asked = tap.transcript.filter(direction=wire.TO_SERVER)
        assert len(asked) >= 2
        assert answer is None or tap.transcript.data(wire.TO_CLIENT)


def test_a_client_beyond_the_limit_takes_the_place_of_a_silent_one(
    monkeypatch,
):
    monkeypatch.setattr("netbasics.wire.udp.MOST_CLIENTS", 2)
    with servers.UDPEchoServer() as server, wire.tap_udp(server) as tap:
        clients = [client_of(tap) for _ in range(3)]
        for client in [*clients, clients[0]]:
            client.send(b"x")
            assert client.recv(10) == b"x"
        for client in clients:
            client.close()
        assert len(tap.transcript.flows) == 4
        assert not tap.errors


def test_its_diagram_speaks_of_clients_and_datagrams():
    with servers.UDPEchoServer() as server, wire.tap_udp(server) as tap:
        sockets.ask_udp(tap.address, b"ping")
    text = tap.diagram()
    assert "1 client " in text
    assert "Client 1, from 127.0.0.1:" in text
    assert "datagram, 4 bytes" in text
    assert tap.url.startswith("udp://")


def test_another_machine_must_be_asked_for():
    with pytest.raises(UnsafeURL):
        wire.tap_udp("192.0.2.1:53").start()


def test_a_listener_that_fails_costs_one_datagram_only():
    def listen(event):
        if event.data == b"bad":
            raise KeyError("a fault of the listener")

    with (
        servers.UDPEchoServer() as server,
        wire.tap_udp(server, on_event=listen) as tap,
        client_of(tap) as client,
    ):
        client.send(b"bad")
        client.send(b"good")
        assert client.recv(100) == b"good"
        assert any(isinstance(e, KeyError) for e in tap.errors)
