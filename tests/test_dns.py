"""DNS messages, against dnslib and against whatever bytes there are."""

import contextlib
import pickle
import time

import dnslib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbasics import dns
from netbasics.dns.names import join, split
from netbasics.errors import LimitExceeded, ProtocolError

RECORDS = [
    dns.Record("www.example.com", "A", "192.0.2.1", 60),
    dns.Record("www.example.com", "AAAA", "2001:DB8:0::1"),
    dns.Record("ftp.example.com", "CNAME", "www.example.com"),
    dns.Record("example.com", "MX", (10, "mail.example.com")),
    dns.Record("example.com", "TXT", (b"one", b"", b"\xff" * 255)),
    dns.Record("example.com", "NS", "ns1.example.com"),
    dns.Record("1.2.0.192.in-addr.arpa", "PTR", "www.example.com"),
    dns.Record(
        "example.com",
        "SOA",
        ("ns1.example.com", "admin.example.com", 2**32 - 1, 1, 2, 3, 4),
    ),
    dns.Record("example.com", "TYPE65", b"\x00\x01\x00"),
    dns.Record(".", "OPT", b"", 0x8000, 1232),
]
ZONE = """\
example.com. 60 IN A 192.0.2.1
example.com. 60 IN AAAA 2001:db8::1
www.example.com. 60 IN CNAME example.com.
example.com. 60 IN MX 10 mail.example.com.
example.com. 60 IN TXT "one" "two"
example.com. 60 IN NS ns1.example.com.
1.2.0.192.in-addr.arpa. 60 IN PTR example.com.
example.com. 60 IN SOA ns1.example.com. me.example.com. 1 2 3 4 5
"""
HEADER = b"\0\7\x80\0\0\1\0\0\0\0\0\0"  # an answer with one question


# A busy machine may take a second for one example.
at_leisure = settings(deadline=None, max_examples=60)


def labels(byte):
    several = st.lists(
        st.lists(byte, min_size=1, max_size=63).map(bytes), max_size=8
    )
    found = several.map(tuple)
    return found.filter(lambda name: sum(len(x) + 1 for x in name) < 255)


def messages(byte):
    """Messages of all kinds, with names of such bytes."""
    names = labels(byte).map(join)
    u16, u32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
    texts = st.lists(st.binary(max_size=255), min_size=1, max_size=4)
    data = st.one_of(
        st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
        st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(str)),
        st.tuples(st.sampled_from(["CNAME", "NS", "PTR"]), names),
        st.tuples(st.just("MX"), st.tuples(u16, names)),
        st.tuples(st.just("TXT"), texts.map(tuple)),
        st.tuples(st.just("SOA"), st.tuples(names, names, *[u32] * 5)),
        st.tuples(st.just("TYPE99"), st.binary(min_size=1, max_size=50)),
    )
    records = st.builds(
        lambda name, held, ttl: dns.Record(name, *held, ttl), names, data, u32
    )
    return st.builds(
        dns.Message,
        id=u16,
        response=st.booleans(),
        opcode=st.integers(0, 15),
        authoritative=st.booleans(),
        recursion_desired=st.booleans(),
        recursion_available=st.booleans(),
        rcode=st.integers(0, 15),
        questions=st.lists(st.builds(dns.Question, names), max_size=2),
        answers=st.lists(records, max_size=6),
        authority=st.lists(records, max_size=3),
        additional=st.lists(records, max_size=3),
    )


ANY = st.integers(0, 255)
# dnslib takes labels of UTF-8 only.
ASCII = st.integers(0, 127)


def question_of(raw_name: bytes) -> bytes:
    """An answer whose question has this name, as these bytes spell it."""
    return HEADER + raw_name + b"\0\1\0\1"


@at_leisure
@given(messages(ANY))
def test_what_is_written_can_be_read(message):
    assert dns.parse(message.encode()) == message


@at_leisure
@given(messages(ASCII))
def test_dnslib_reads_the_same(message):
    raw = message.encode()
    theirs = dnslib.DNSRecord.parse(raw)
    assert theirs.header.id == message.id
    assert theirs.header.rcode == message.rcode
    assert [tuple(q.qname.label) for q in theirs.questions] == [
        split(q.name) for q in message.questions
    ]
    for ours, other in zip(message.answers, theirs.rr, strict=True):
        assert tuple(other.rname.label) == split(ours.name)
        assert other.ttl == ours.ttl


def test_dnslib_reads_every_type_and_what_it_holds():
    raw = dns.Message(response=True, answers=RECORDS).encode()
    theirs = dnslib.DNSRecord.parse(raw).rr
    assert [dnslib.QTYPE.get(rr.rtype) for rr in theirs[:8]] == [
        record.type for record in RECORDS[:8]
    ]
    assert [str(rr.rdata) for rr in theirs[:4]] == [
        "192.0.2.1",
        "2001:db8::1",
        "www.example.com.",
        "10 mail.example.com.",
    ]
    assert theirs[4].rdata.data == [b"one", b"", b"\xff" * 255]
    assert theirs[7].rdata.times == (2**32 - 1, 1, 2, 3, 4)


def test_what_dnslib_writes_can_be_read():
    theirs = dnslib.DNSRecord.question("example.com", "ANY").reply(aa=1)
    theirs.add_answer(*dnslib.RR.fromZone(ZONE))
    ours = dns.parse(theirs.pack())
    assert ours.authoritative
    assert ours.questions == (dns.Question("example.com", "ANY"),)
    assert [(record.type, record.data) for record in ours.answers] == [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "example.com"),
        ("MX", (10, "mail.example.com")),
        ("TXT", (b"one", b"two")),
        ("NS", "ns1.example.com"),
        ("PTR", "example.com"),
        ("SOA", ("ns1.example.com", "me.example.com", 1, 2, 3, 4, 5)),
    ]


def test_a_name_is_written_once():
    message = dns.query("www.example.com").reply(
        *[dns.Record("www.example.com", "A", f"192.0.2.{n}") for n in range(9)]
    )
    raw = message.encode()
    assert raw.count(b"example") == 1
    assert len(raw) == 12 + 21 + 9 * 16


def test_names_beyond_the_reach_of_a_pointer_are_written_out():
    filler = [dns.Record("a", "TYPE99", b"x" * 17_000)]
    late = [dns.Record("late.example.com", "A", "192.0.2.1")] * 2
    message = dns.Message(answers=[*filler, *late])
    raw = message.encode()
    assert raw.count(b"example") == 2
    assert dns.parse(raw) == message


@at_leisure
@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(raw):
    try:
        message = dns.parse(raw)
    except ProtocolError:
        return
    assert dns.parse(message.encode()).questions == message.questions


@at_leisure
@given(messages(ANY), st.data())
def test_damaged_messages_are_a_message_or_refused(message, choose):
    raw = bytearray(message.encode())
    place = choose.draw(st.integers(0, len(raw) - 1))
    raw[place] = choose.draw(st.integers(0, 255))
    with contextlib.suppress(ProtocolError):
        dns.parse(raw)


def test_a_message_that_is_cut_anywhere_is_refused():
    raw = dns.query("example.com", id=1).reply(*RECORDS).encode()
    for size in range(len(raw)):
        with pytest.raises(ProtocolError, match="cut off"):
            dns.parse(raw[:size])


def test_bytes_behind_a_message_are_refused():
    raw = dns.query("example.com").encode()
    with pytest.raises(ProtocolError, match="ends at byte 29, and 30 bytes"):
        dns.parse(raw + b"\0")


@pytest.mark.parametrize(
    ("raw_name", "why"),
    [
        (b"\xc0\x0c", "to byte 12, .* not in front of"),  # to itself
        (b"\x01a\xc0\x0c", "to byte 12, .* not in front of"),  # a circle
        (b"\xc0\x0e\x01a\x00", "to byte 14, .* not in front of"),  # forward
        (b"\xff\xff", "to byte 16383, .* not in front of"),
        (b"\xc0\x04", "leads into the header"),
        (b"\x40", "neither a label's length nor a pointer"),
        (b"\x80a", "neither a label's length nor a pointer"),
        (b"\x3fabc", "a label at byte 13 needs 63 bytes"),
        ((b"\x3f" + b"a" * 63) * 4 + b"\0", "more than 255 bytes"),
    ],
)
def test_a_name_that_leads_astray_is_refused(raw_name, why):
    with pytest.raises(ProtocolError, match=why):
        dns.parse(question_of(raw_name))


def test_two_pointers_in_a_circle_are_refused():
    # The question's name is fine. The answer's leads back into its own data.
    raw = bytearray(dns.query("a", id=7).reply().encode())
    raw[7] = 1
    at = len(raw)
    raw += b"\x01b\xc0" + bytes([at])
    with pytest.raises(ProtocolError, match="a compression loop"):
        dns.parse(raw)


def test_a_ladder_of_pointers_is_refused_and_costs_little():
    # Each pointer leads to the one before: 8,000 steps for one name, and one
    # name for each two bytes behind it.
    raw = bytearray(HEADER + b"\0" + b"\0\1\0\1")
    raw[4:8] = b"\0\1\0\1"
    raw += b"\0" + b"\0\x63\0\1\0\0\0\0" + (16_000).to_bytes(2, "big")
    start = len(raw)
    raw += b"\0\0"
    for step in range(7_999):
        raw += (0xC000 | start + 2 * step).to_bytes(2, "big")
    raw[10:12] = (1_000).to_bytes(2, "big")
    for _ in range(1_000):
        raw += raw[-2:] if raw[-1] else b"\xff\xfe"
    began = time.monotonic()
    with pytest.raises(ProtocolError):
        dns.parse(raw)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("kind", "held", "why"),
    [
        (1, b"\1\2\3", "has 3 bytes; it should have 4"),
        (28, b"\1" * 17, "has 17 bytes; it should have 16"),
        (5, b"\0\0", r"end at byte 32 .* they end at byte 31"),
        (15, b"\0\1\0\0", r"end at byte 34 .* they end at byte 33"),
        (16, b"\5abc", "is cut off|end at byte"),
        (16, b"", "give one text at least"),
    ],
)
def test_data_of_a_wrong_length_are_refused(kind, held, why):
    raw = dns.query("a", id=7).reply().encode()
    raw = raw[:6] + b"\0\1" + raw[8:]
    raw += b"\0" + kind.to_bytes(2, "big") + b"\0\1\0\0\0\0"
    with pytest.raises(ProtocolError, match=why):
        dns.parse(raw + len(held).to_bytes(2, "big") + held)


def test_an_answer_that_does_not_fit_is_cut_at_a_record_and_says_so():
    many = [dns.Record("example.com", "TXT", b"x" * 100) for _ in range(9)]
    whole = dns.query("example.com", "TXT").reply(*many)
    raw = whole.encode(limit=dns.MAX_UDP)
    assert len(raw) <= dns.MAX_UDP
    cut = dns.parse(raw)
    assert cut.truncated
    assert cut.answers == whole.answers[: len(cut.answers)]
    assert 0 < len(cut.answers) < 9
    assert not dns.parse(whole.encode()).truncated


def test_what_fits_exactly_is_not_cut():
    whole = dns.query("a").reply(dns.Record("a", "A", "192.0.2.1"))
    size = len(whole.encode())
    assert not dns.parse(whole.encode(limit=size)).truncated
    assert dns.parse(whole.encode(limit=size - 1)).answers == ()


def test_a_record_that_was_left_out_leaves_no_name_behind():
    first = dns.Record("a", "A", "192.0.2.1")
    big = dns.Record("big.example.com", "TXT", b"x" * 200)
    message = dns.Message(answers=[first, big], additional=[big])
    cut = dns.parse(message.encode(limit=60))
    assert (cut.answers, cut.additional, cut.truncated) == ((first,), (), True)


def test_a_question_beyond_the_limit_is_refused():
    with pytest.raises(LimitExceeded):
        dns.query("example.com").encode(limit=20)


def test_a_message_longer_than_any_is_refused():
    with pytest.raises(LimitExceeded):
        dns.parse(bytes(70_000))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "a..b",
        ".a",
        "a" * 64,
        ".".join(["a" * 63] * 4),
        "münchen.example",
        "a b",
        "a\n",
        "a\\",
        r"a\300",
        r"a\12",
    ],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match=r"name|byte"):
        dns.query(name)


def test_the_longest_name_is_no_longer():
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert dns.parse(dns.query(longest).encode()).questions[0].name == longest
    with pytest.raises(ValueError, match="256 bytes, 255 is most"):
        dns.query(longest + "a")


@at_leisure
@given(labels(ANY))
def test_a_name_of_any_bytes_survives_as_text(found):
    assert split(join(found)) == found
    assert join(found).isascii()


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("A", "192.0.2"),
        ("A", "::1"),
        ("A", None),
        ("AAAA", "192.0.2.1"),
        ("AAAA", "fe80::1%eth0"),
        ("CNAME", ""),
        ("CNAME", 5),
        ("MX", "mail"),
        ("MX", (65536, "mail")),
        ("MX", (-1, "mail")),
        ("SOA", ("a", "b")),
        ("TXT", ()),
        ("TXT", b"x" * 256),
        ("TXT", 5),
        ("TYPE99", "text"),
    ],
)
def test_what_a_record_cannot_hold_is_refused(kind, held):
    with pytest.raises(ValueError, match=f"type {kind} cannot hold"):
        dns.Record("a", kind, held)


@pytest.mark.parametrize("kind", ["", "a", "TYPE65536", "TYPE-1", "NONSENSE"])
def test_a_type_that_does_not_exist_is_refused(kind):
    with pytest.raises(ValueError, match="is no type of record"):
        dns.Question("a", kind)


@pytest.mark.parametrize(
    "fields", [{"id": 65536}, {"id": -1}, {"rcode": 16}, {"opcode": 16}]
)
def test_numbers_that_do_not_fit_are_refused(fields):
    with pytest.raises(ValueError, match="give a number of"):
        dns.Message(**fields)


def test_an_id_is_not_the_same_each_time():
    assert len({dns.query("a").id for _ in range(50)}) > 25


def test_an_answer_belongs_to_one_question():
    question = dns.query("Example.com", id=7)
    answer = question.reply()
    assert answer.answers_to(question)
    assert answer.answers_to(dns.query("eXample.COM", id=7))
    assert not answer.answers_to(dns.query("example.com", id=8))
    assert not answer.answers_to(dns.query("example.com", "MX", id=7))
    assert not answer.answers_to(dns.query("example.org", id=7))
    assert not question.answers_to(question)


def test_names_are_compared_without_case():
    assert dns.same_name("WWW.example.com", "www.EXAMPLE.com.")
    assert not dns.same_name("www.example.com", "example.com")


def test_equal_records_are_equal_however_they_were_given():
    one = dns.Record("example.com.", "AAAA", "2001:db8:0:0::1")
    other = dns.Record("example.com", "TYPE28", "2001:DB8::1")
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one


def test_the_status_has_a_name():
    assert dns.Message(rcode=2).status == "SERVFAIL"
    assert dns.Message(rcode=9).status == "RCODE9"
