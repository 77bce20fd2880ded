r"""DNS messages by hand: bytes to records and back, without a socket.

A name server is asked in one datagram and answers in one. What is hard about
the few bytes in between is the names: each is a row of labels, and may end in a
pointer to an earlier place of the message, so that a long name is written once.
A reader that follows pointers wherever they lead can be sent in a circle for
ever, by 18 bytes from anybody. Here a pointer must lead backwards.

    >>> question = query("www.example.com", id=7)
    >>> raw = question.encode()
    >>> raw[12:]
    b'\x03www\x07example\x03com\x00\x00\x01\x00\x01'
    >>> answer = question.reply(Record("www.example.com", "A", "192.0.2.1"))
    >>> parse(answer.encode()).answers[0]
    Record('www.example.com', 'A', '192.0.2.1', ttl=300)

Read the files in this order: `names` (text and labels), `packing` (numbers,
and names with their pointers), `data` (what each type of record holds),
`records`, `messages`. Source: RFC 1035, sections 3 and 4; RFC 3596 for AAAA.
"""

from netbasics.dns.data import MX, SOA, Data
from netbasics.dns.messages import MAX_UDP, Message, parse, query
from netbasics.dns.names import same_name
from netbasics.dns.records import MAX_MESSAGE, Question, Record

__all__ = [
    "MAX_MESSAGE",
    "MAX_UDP",
    "MX",
    "SOA",
    "Data",
    "Message",
    "Question",
    "Record",
    "parse",
    "query",
    "same_name",
]
