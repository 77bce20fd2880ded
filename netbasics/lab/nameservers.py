"""Name servers: one that is right, and those that are not."""

from dataclasses import replace

from netbasics import dns
from netbasics.lab.catalogue import fault
from netbasics.lab.naming import NAME, NameServer, Records

__all__ = [
    "dns_compression_loop",
    "dns_cut_off",
    "dns_no_such_name",
    "dns_server",
    "dns_server_fails",
    "dns_truncates",
    "dns_wrong_id",
]

# Addresses for documentation (RFC 5737): they belong to nobody.
RECORDS = (dns.Record(NAME, "A", "192.0.2.1"),)
MANY = tuple(dns.Record(NAME, "A", f"198.51.100.{n}") for n in range(1, 101))
FORGED = dns.Record(NAME, "A", "203.0.113.66")


@fault("dns", should="succeed", because="nothing is wrong")
def dns_server(records: Records = RECORDS) -> NameServer:
    """Serve the DNS records that it is given: the counter-check.

    Real world: an authoritative name server. Names are found in any case, a
    CNAME is followed, a name that is not there is NXDOMAIN, a type that is not
    there is an empty answer; what is longer than 512 bytes is cut off over
    UDP, and says so, and whole over TCP.

    The caller sees: correct answers.

    Args:
        records: What it knows.

    Example:
        >>> from netbasics import dns, lab, sockets
        >>> mail = dns.Record("example.com", "MX", (10, "mail.example.com"))
        >>> with lab.dns_server([mail]) as server:
        ...     raw = dns.query("example.com", "MX").encode()
        ...     dns.parse(sockets.ask_udp(server.address, raw)).answers[0].data
        MX(preference=10, exchange='mail.example.com')
    """
    return NameServer("dns_server", records)


@fault("dns", should="succeed", because="over TCP the answer is whole")
def dns_truncates(records: Records = MANY) -> NameServer:
    """Answer with more records than fit into a datagram.

    Real world: a name with many addresses, or with long keys in TXT records.

    The caller sees: over UDP an answer in order, with a part of the records
    and the bit TC set. To whoever does not look at that bit it is all there
    is. The same question over TCP gets the rest (RFC 7766, section 5).

    Args:
        records: What it knows; by default a hundred addresses.
    """
    return NameServer("dns_truncates", records)


@fault("dns", should="fail", because="the name has no end")
def dns_compression_loop(records: Records = RECORDS) -> NameServer:
    """Answer with a name that is a pointer to itself.

    Real world: an attack on whatever reads DNS messages: resolvers, monitors,
    firewalls. Two bytes are enough.

    The caller sees: a parser that follows pointers without looking where they
    lead never returns, with one processor fully busy and no timeout that
    could end it: nothing is waited for (RFC 9267, section 2).

    Args:
        records: What it claims to know.
    """

    def distort(raw: bytes) -> bytes:
        answer = dns.parse(raw)
        if not answer.answers:
            return raw
        start = len(replace(answer, answers=()).encode())
        first = answer.answers[0]
        # The root is written as one byte, which the two of a pointer replace.
        nameless = dns.Record(".", first.type, first.data, first.ttl)
        plain = replace(answer, answers=(nameless,)).encode()
        loop = (0xC000 | start).to_bytes(2, "big")
        return plain[:start] + loop + plain[start + 1 :]

    return NameServer("dns_compression_loop", records, distort=distort)


@fault("dns", should="fail", because="less came than the header promises")
def dns_cut_off(records: Records = RECORDS) -> NameServer:
    """Answer with a message that stops in the middle of its last record.

    Real world: a middlebox with a small buffer; a reader that gave `recvfrom`
    too few bytes, from which the system takes the rest away.

    The caller sees: a header that promises an answer, and not all of it. In
    Python a slice beyond the end is no error: `data[at:at + 4]` has two bytes,
    and where it is not checked, an address is made up of them.

    Args:
        records: What it knows.
    """
    return NameServer("dns_cut_off", records, distort=lambda raw: raw[:-2])


@fault("dns", should="fail", because="it answers another question")
def dns_wrong_id(forged: dns.Record = FORGED) -> NameServer:
    """Answer with another id than the question had, and another address.

    Real world: cache poisoning. Whoever sends an answer before the server
    does is believed, if the id fits; here it does not (RFC 5452).

    The caller sees: an answer, well-formed and false. Only who compares the
    id (and the question) with what was asked can tell.

    Args:
        forged: The record that it would have the caller believe.
    """

    def distort(raw: bytes) -> bytes:
        number = int.from_bytes(raw[:2], "big")
        return (number ^ 1).to_bytes(2, "big") + raw[2:]

    return NameServer("dns_wrong_id", [forged], distort=distort)


@fault("dns", should="fail", because="there is no such name")
def dns_no_such_name() -> NameServer:
    """Answer that the name does not exist: NXDOMAIN.

    Real world: a misspelled host; a service that is not deployed here.

    The caller sees: an answer in order, with rcode 3 and no records; in
    `socket.getaddrinfo`, `gaierror`. To ask again would not change it.
    """
    return NameServer("dns_no_such_name", [], rcode=3)


@fault("dns", should="fail", because="the server says that it failed")
def dns_server_fails() -> NameServer:
    """Answer that the server failed: SERVFAIL.

    Real world: the servers behind this one do not answer, or a signature
    (DNSSEC) is wrong.

    The caller sees: rcode 2 and no records. It may be better in a moment, and
    `socket.getaddrinfo` reports it as a temporary failure (`EAI_AGAIN`).
    """
    return NameServer("dns_server_fails", [], rcode=2)
