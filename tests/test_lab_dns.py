"""Name servers, asked by bare sockets and read by dnslib."""

import socket

import dnslib
import pytest

from netbasics import dns, lab
from netbasics.errors import ProtocolError

NAME = "www.example.com"


def over_udp(peer, raw):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(raw, peer.address)
        return sock.recv(65_535)


def over_tcp(peer, raw):
    with socket.create_connection(peer.address, timeout=5) as sock:
        # One byte at a time: a message need not come in one piece.
        for byte in len(raw).to_bytes(2, "big") + raw:
            sock.sendall(bytes([byte]))
        with sock.makefile("rb") as file:
            size = int.from_bytes(file.read(2), "big")
            return file.read(size)


def ask(peer, name=NAME, kind="A", way=over_udp):
    question = dns.query(name, kind)
    answer = dns.parse(way(peer, question.encode()))
    assert answer.answers_to(question)
    return answer


ZONE = [
    dns.Record("www.example.com", "CNAME", "web.example.com"),
    dns.Record("web.example.com", "A", "192.0.2.1"),
    dns.Record("web.example.com", "A", "192.0.2.2"),
    dns.Record("example.com", "MX", (10, "mail.example.com")),
    dns.Record("round.example.com", "CNAME", "about.example.com"),
    dns.Record("about.example.com", "CNAME", "round.example.com"),
]


@pytest.mark.parametrize("way", [over_udp, over_tcp])
def test_it_serves_the_records_it_was_given(way):
    with lab.dns_server(ZONE) as peer:
        answer = ask(peer, way=way)
        assert answer.answers == tuple(ZONE[:3])
        assert answer.authoritative
        mail = ask(peer, "EXAMPLE.com", "MX", way)
        assert mail.answers == (ZONE[3],)
        assert peer.attempts == 2
        assert peer.errors == []
        assert peer.url == f"dns://127.0.0.1:{peer.port}"


def test_no_such_type_and_no_such_name_are_different_answers():
    with lab.dns_server(ZONE) as peer:
        assert ask(peer, "web.example.com", "AAAA").status == "NOERROR"
        assert ask(peer, "web.example.com", "AAAA").answers == ()
        assert ask(peer, "none.example.com").status == "NXDOMAIN"


def test_aliases_in_a_circle_end():
    with lab.dns_server(ZONE) as peer:
        answer = ask(peer, "round.example.com")
        assert 2 <= len(answer.answers) <= 10


def test_any_asks_for_all_types():
    records = [*ZONE, dns.Record("example.com", "TXT", "hello")]
    with lab.dns_server(records) as peer:
        answer = ask(peer, "example.com", "ANY")
        assert [record.type for record in answer.answers] == ["MX", "TXT"]


def test_dnslib_can_talk_to_it():
    with lab.dns_server() as peer:
        raw = dnslib.DNSRecord.question(NAME).send(*peer.address, timeout=5)
        assert str(dnslib.DNSRecord.parse(raw).a.rdata) == "192.0.2.1"
        assert peer.content == b"192.0.2.1"
        assert peer.question == dns.Question(NAME, "A")


def test_what_is_no_question_gets_an_error_or_nothing():
    with lab.dns_server() as peer:
        refusal = dns.parse(over_udp(peer, b"\x12\x34nonsense"))
        assert (refusal.id, refusal.status) == (0x1234, "FORMERR")
        answer = dns.query(NAME).reply().encode()
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            for raw in (answer, b"", b"x"):
                sock.sendto(raw, peer.address)
            with pytest.raises(TimeoutError):
                sock.recv(100)
        assert ask(peer).answers  # it goes on
        assert peer.errors == []


def test_several_questions_on_one_connection_are_answered():
    with (
        lab.dns_server() as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
        sock.makefile("rb") as file,
    ):
        raw = dns.query(NAME, id=1).encode()
        sock.sendall((len(raw).to_bytes(2, "big") + raw) * 2)
        for _ in range(2):
            size = int.from_bytes(file.read(2), "big")
            assert dns.parse(file.read(size)).id == 1


def test_truncation_says_so_and_tcp_has_the_whole():
    with lab.dns_truncates() as peer:
        part = ask(peer)
        assert part.truncated
        assert 0 < len(part.answers) < 100
        whole = ask(peer, way=over_tcp)
        assert not whole.truncated
        assert len(whole.answers) == 100
        assert whole.answers[: len(part.answers)] == part.answers
        assert len(peer.content.split()) == 100


@pytest.mark.parametrize("way", [over_udp, over_tcp])
def test_the_loop_is_a_pointer_to_itself(way):
    question = dns.query(NAME).encode()
    with lab.dns_compression_loop() as peer:
        raw = way(peer, question)
        at = len(question)
        assert int.from_bytes(raw[at : at + 2], "big") == 0xC000 | at
        with pytest.raises(ProtocolError, match="a compression loop"):
            dns.parse(raw)
        # What has no answer has no loop, and is no mistake of the peer's.
        assert ask(peer, "none.example.com").status == "NXDOMAIN"
        assert peer.errors == []


def test_the_cut_is_in_the_middle_of_a_record():
    question = dns.query(NAME).encode()
    with lab.dns_server() as whole, lab.dns_cut_off() as cut:
        raw = over_udp(cut, question)
        assert raw == over_udp(whole, question)[:-2]
        with pytest.raises(ProtocolError, match="is cut off"):
            dns.parse(raw)


def test_a_wrong_id_comes_with_a_wrong_address():
    question = dns.query(NAME, id=8)
    with lab.dns_wrong_id() as peer:
        answer = dns.parse(over_udp(peer, question.encode()))
        assert answer.id == 9
        assert answer.answers[0].data == "203.0.113.66"
        assert not answer.answers_to(question)


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lab.dns_no_such_name, "NXDOMAIN"),
        (lab.dns_server_fails, "SERVFAIL"),
    ],
)
@pytest.mark.parametrize("way", [over_udp, over_tcp])
def test_refusals(make, status, way):
    with make() as peer:
        answer = ask(peer, way=way)
        assert (answer.status, answer.answers) == (status, ())


def test_it_ends_with_a_client_connected(leaves_nothing):
    with lab.dns_server() as peer:
        client = socket.create_connection(peer.address, timeout=5)
        peer.wait_for(1)
    with client:
        assert client.recv(1) == b""


@pytest.mark.parametrize("name", ["dns_server", "dns_server_fails"])
def test_a_long_list_of_questions_is_refused_and_the_server_goes_on(name):
    names = [f"{n}.example.com" for n in range(200)]
    many = dns.Message(id=7, questions=[dns.Question(n) for n in names])
    with getattr(lab, name)() as peer:
        answer = dns.parse(over_udp(peer, many.encode()))
        assert (answer.id, answer.status) == (7, "FORMERR")
        assert ask(peer)
