"""6.2 A DNS answer by hand."""


def parse_answer(packet: bytes) -> list[tuple[str, str, int, str]]:
    r"""Read the records in the answer section of a DNS message.

    The layout is that of RFC 1035, section 4. All numbers are big-endian:

    - The header, 12 bytes: id, flags, and four counts of two bytes each: of
      questions, answers, authority records and additional records.
    - Each question: a name, and 4 bytes.
    - Each answer: a name, type (2 bytes), class (2), ttl (4), the length of
      its data (2), and the data. Type 1 is A (an IPv4 address, 4 bytes), 28
      is AAAA (an IPv6 address, 16 bytes), 5 is CNAME (a name).
    - A name: labels, each with its length (1 to 63) in a byte before it. It
      ends with a byte 0, or with a pointer: two bytes whose first two bits
      are 1. The other 14 bits say where in the message the name goes on.

    There may be no question, or several. What comes after the answers is not
    looked at, and neither are the flags with the response code, nor the class.

    Args:
        packet: One message, as it came in a datagram.

    Returns:
        A tuple `(name, type, ttl, text)` for each A, AAAA and CNAME record in
        the answer section, in their order; records of other types are skipped.
        Names are without the dot at the end, in the case in which they were
        written; the root is `""`. The type is "A", "AAAA" or "CNAME", the ttl
        an int, and the text an address as `ipaddress` writes it, or a name.

    Raises:
        ValueError: The packet ends before its answers do; or a pointer does
            not point backwards, to before the labels that it follows (a name
            may be labels, pointer, labels, pointer: it is the labels since
            the last jump that count, and where there are none, the pointer
            itself); or the first two bits of a length are 01 or 10; or an
            address has not the length that it must have.

    It returns such a list or raises ValueError, whatever the bytes are: no
    other error, no endless loop.

    Example:
        With an answer for "www.example.com" it returns
        `[("www.example.com", "A", 300, "192.0.2.1")]`.
    """
    raise NotImplementedError("not written yet")
