"""Checks parse_answer."""

import random
import struct

import pytest
from parse_answer import parse_answer

from netbasics import dns, lab, sockets

WWW = b"\x03www\x07example\x03com\x00"
TO_WWW = b"\xc0\x0c"  # the first question's name
A, CNAME, TXT, AAAA, HTTPS = 1, 5, 16, 28, 65
HERE = bytes([192, 0, 2, 1])
CUT = (
    "A slice beyond the end is no error in Python: it is shorter, or empty. "
    "Check that all the bytes which you take are there."
)
FORWARD = (
    "A pointer is followed wherever it leads. It must lead back, to before "
    "the labels that it follows; then it can only go on for so long."
)


def header(answers, questions=1, others=(0, 0), flags=0x8180):
    return struct.pack("!6H", 7, flags, questions, answers, *others)


def question(name=WWW, kind=A):
    return name + struct.pack("!2H", kind, 1)


def record(kind, data, name=TO_WWW, ttl=300):
    return name + struct.pack("!2HIH", kind, 1, ttl, len(data)) + data


def answer(*records, kind=A):
    return header(len(records)) + question(kind=kind) + b"".join(records)


def ask(check, server):
    """Ask a name server of the lab; return the datagram that it sends."""
    asked = server.question
    raw = dns.query(asked.name, asked.type, id=7).encode()
    return sockets.ask_udp(server.address, raw)


def any_outcome(check, packet, what):
    """Call it; a list or a ValueError is fine, nothing else."""
    try:
        check.raises(ValueError, parse_answer, packet)
    except AssertionError:
        if not isinstance(check.outcome.value, list):
            check.note(what)
            raise


def test_an_address(check):
    """A name server is asked for an address, and says it."""
    check.mistake(
        "The answer's name is two bytes here, c0 0c. Their highest bits are 1: "
        "it is a pointer, and the name is to be read at byte 12. The record "
        "goes on behind the two bytes.",
        lambda it: it.error is not None or it.value != expected,
    )
    expected = [("www.example.com", "A", 300, "192.0.2.1")]
    packet = ask(check, check.peer(lab.dns_server()))
    check.returns(expected, parse_answer, packet)


def test_an_alias(check):
    """A name server answers with an alias, and what that stands for."""
    records = [
        dns.Record("www.example.com", "CNAME", "Web.example.com", ttl=60),
        dns.Record("Web.example.com", "A", "192.0.2.1", ttl=2_000_000_000),
        dns.Record("web.example.com", "A", "192.0.2.77", ttl=0),
    ]
    server = check.peer(lab.dns_server(records))
    server.question = dns.Question("www.example.com", "A")
    check.mistake(
        "A name goes on where its pointer leads, but what comes after the "
        "name does not: that is behind the (first) pointer, 2 bytes long.",
        lambda it: it.error is not None or len(it.value) < 3,
    )
    check.mistake(
        "DNS finds names in any case, and hands them out as they were "
        "written. Leave the case as it is.",
        lambda it: it.value[0][3] == "web.example.com",
    )
    expected = [
        ("www.example.com", "CNAME", 60, "Web.example.com"),
        ("Web.example.com", "A", 2_000_000_000, "192.0.2.1"),
        ("web.example.com", "A", 0, "192.0.2.77"),
    ]
    check.returns(expected, parse_answer, ask(check, server))


@pytest.mark.parametrize("text", ["2001:db8::1", "::", "2001:db8:0:1:1:1:1:1"])
def test_ipv6(check, text):
    """The answer is an IPv6 address, 16 bytes."""
    import ipaddress

    address = ipaddress.IPv6Address(text)
    check.mistake(
        "An IPv6 address has a short form (RFC 5952): no leading zeros, and "
        "the longest run of zeros as `::`. `ipaddress` writes it.",
        lambda it: it.value[0][:3] == ("www.example.com", "AAAA", 5),
    )
    packet = answer(record(AAAA, address.packed, ttl=5))
    expected = [("www.example.com", "AAAA", 5, str(address))]
    check.returns(expected, parse_answer, packet)


def test_other_types(check):
    """Between two addresses there are records of other types, to be skipped."""
    packet = answer(
        record(A, HERE),
        record(TXT, b"\x04\xc0\x0c\xff\xff"),
        record(HTTPS, b""),
        record(A, HERE, name=b"\x00", ttl=1),
        kind=255,
    )
    check.mistake(
        "A record's data is as long as its length says, whatever is in it. "
        "The next record begins behind that.",
        lambda it: it.error is not None,
    )
    expected = [
        ("www.example.com", "A", 300, "192.0.2.1"),
        ("", "A", 1, "192.0.2.1"),
    ]
    check.returns(expected, parse_answer, packet)


@pytest.mark.parametrize("count", [0, 2])
def test_the_number_of_questions(check, count):
    """The answer repeats no question, or two of them."""
    asked = [question(), question(b"\x04mail\xc0\x10", AAAA)]
    packet = header(1, count) + b"".join(asked[:count])
    packet += record(A, HERE, name=WWW)
    check.mistake(
        "The header says how many questions there are: mostly one, but none "
        "and several are possible.",
        lambda it: True,
    )
    expected = [("www.example.com", "A", 300, "192.0.2.1")]
    check.returns(expected, parse_answer, packet)


def test_the_other_sections(check):
    """Records for others follow the answer: a name server, and its address."""
    packet = header(1, others=(1, 1)) + question() + record(A, HERE)
    packet += record(CNAME, b"\x02ns\xc0\x10", name=b"\xc0\x10")
    packet += record(A, bytes([192, 0, 2, 53]), name=b"\x02ns\xc0\x10")
    check.mistake(
        "Only the answer section was asked for. What follows it, authority "
        "and additional records, is told without being asked.",
        lambda it: len(it.value) > 1,
    )
    expected = [("www.example.com", "A", 300, "192.0.2.1")]
    check.returns(expected, parse_answer, packet)


def test_no_answer(check):
    """The name server says that there is no such name: no records at all."""
    server = check.peer(lab.dns_no_such_name())
    check.returns([], parse_answer, ask(check, server))


def test_pointers_to_pointers(check):
    """A name is a label and a pointer to a label and a pointer, and so on."""
    question_end = 12 + len(question())
    packet = answer(
        record(CNAME, b"\x01b" + TO_WWW),
        record(CNAME, b"\x01a" + struct.pack("!H", 0xC000 + question_end + 12)),
        record(A, HERE, name=struct.pack("!H", 0xC000 + question_end + 28)),
    )
    check.mistake(
        "A name goes on where its pointer leads, but what comes after the "
        "name does not: that is behind the (first) pointer, 2 bytes long.",
        lambda it: it.error is not None or len(it.value) < 3,
    )
    expected = [
        ("www.example.com", "CNAME", 300, "b.www.example.com"),
        ("www.example.com", "CNAME", 300, "a.b.www.example.com"),
        ("a.b.www.example.com", "A", 300, "192.0.2.1"),
    ]
    check.returns(expected, parse_answer, packet)


def test_every_cut(check):
    """A good packet, cut off after each of its bytes, one after the other."""
    packet = answer(
        record(CNAME, b"\x03Web" + b"\xc0\x10"), record(A, HERE, name=WWW)
    )
    check.call(parse_answer, packet)
    check.mistake(CUT, lambda it: it.error is None)
    check.mistake(
        "What a packet that is cut makes Python raise is an IndexError or a "
        "struct.error. The caller was promised ValueError; both are none.",
        lambda it: not isinstance(it.error, ValueError),
    )
    for length in range(len(packet)):
        check.raises(ValueError, parse_answer, packet[:length])


def test_more_promised_than_there_is(check):
    """The header promises a thousand answers, and there is one."""
    packet = header(1000) + question() + record(A, HERE)
    check.mistake(CUT, lambda it: it.error is None)
    check.raises(ValueError, parse_answer, packet)


@pytest.mark.parametrize("size", [3, 5, 0])
def test_a_short_address(check, size):
    """The record says A, and its data is not 4 bytes long."""
    packet = answer(record(A, bytes(size)), record(A, HERE))
    check.mistake(
        "An address of another length than 4 bytes is refused with ValueError.",
        lambda it: True,
    )
    check.raises(ValueError, parse_answer, packet)


@pytest.mark.parametrize(
    "pointer",
    [b"\xc0\x21", b"\xc0\x23", b"\xff\xff"],
    ids=["itself", "forward", "out of the packet"],
)
def test_a_pointer_that_does_not_lead_back(check, pointer):
    """The answer's name is a pointer: to itself, to further on, to nowhere."""
    check.mistake(FORWARD, lambda it: it.hung or it.error is None)
    packet = answer(record(A, HERE, name=pointer))
    check.raises(ValueError, parse_answer, packet + WWW)


def test_a_pointer_to_the_label_before(check):
    """The answer's name is a label and a pointer to that very label."""
    check.mistake(
        "This pointer leads back by two bytes, to the label just before it, "
        "and the name never ends. A pointer must lead to before the labels "
        "that it follows, not only to before itself.",
        lambda it: (
            it.hung or isinstance(it.error, RecursionError | MemoryError)
        ),
    )
    packet = answer(record(A, HERE, name=b"\x01a\xc0\x21"))
    check.raises(ValueError, parse_answer, packet)


def test_a_server_that_sends_a_loop(check):
    """A name server answers with a name that is a pointer to itself."""
    server = check.peer(lab.dns_compression_loop())
    check.mistake(FORWARD, lambda it: it.hung or it.error is None)
    check.raises(ValueError, parse_answer, ask(check, server))


@pytest.mark.parametrize("first", [0x40, 0x7F, 0x80, 0xBF])
def test_neither_label_nor_pointer(check, first):
    """A name begins with a byte whose highest bits are 01 or 10."""
    packet = answer(record(A, HERE, name=bytes([first]) + b"a" * first + b"\0"))
    check.mistake(
        "A label has at most 63 bytes. The highest bits 01 and 10 are "
        "reserved (RFC 1035, section 4.1.4): neither label nor pointer.",
        lambda it: True,
    )
    check.raises(ValueError, parse_answer, packet)


def test_a_long_chain(check):
    """Four thousand pointers, each to the one before; all lead backwards."""
    start = 12 + len(question()) + 12  # of the first record's data
    pointers = [TO_WWW] + [
        struct.pack("!H", 0xC000 + start + 2 * n) for n in range(3999)
    ]
    last = struct.pack("!H", 0xC000 + start + 2 * 3999)
    packet = answer(record(TXT, b"".join(pointers)), record(A, HERE, name=last))
    check.mistake(
        "A function that calls itself for each pointer ends in "
        "RecursionError after a thousand. Use a loop.",
        lambda it: isinstance(it.error, RecursionError),
    )
    any_outcome(check, packet, "A list or ValueError would be fine here.")


def test_any_bytes(check):
    """A good packet in which some bytes were changed, in 500 ways."""
    good = answer(
        record(CNAME, b"\x03Web" + b"\xc0\x10"),
        record(AAAA, bytes(16)),
        record(A, HERE, name=b"\x03Web" + b"\xc0\x10"),
    )
    change = random.Random(62)
    check.mistake(
        "Whatever the bytes are, the caller was promised a list or ValueError.",
        lambda it: not it.hung,
    )
    check.mistake(FORWARD, lambda it: it.hung)
    for _ in range(500):
        packet = bytearray(good)
        for _ in range(change.randint(1, 4)):
            packet[change.randrange(4, len(packet))] = change.choice(
                [0, 1, 4, 12, 28, 63, 64, 192, 193, 255, change.randrange(256)]
            )
        any_outcome(
            check, bytes(packet), "A list or ValueError would be fine here."
        )
