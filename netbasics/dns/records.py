"""Questions and records: the entries of a message, each by itself."""

from dataclasses import dataclass
from typing import Any

from netbasics.dns.data import Data, pack, type_name, type_number, unpack
from netbasics.dns.names import normalize
from netbasics.dns.packing import HEADER, Packer, Unpacker
from netbasics.errors import LimitExceeded

__all__ = ["MAX_MESSAGE", "Question", "Record", "check_bits"]

MAX_MESSAGE = 65535
"""The longest message at all, in bytes: over TCP its length has 16 bits."""

INTERNET = 1  # the class of all records that matter today


@dataclass(frozen=True)
class Question:
    """What is asked for: records of one type at one name.

    Args:
        name: Such as `"www.example.com"`.
        type: Such as `"A"`; an unknown one is `"TYPE65"`.
        class_: The number of the class; 1 is the internet.

    Raises:
        ValueError: The name or the type is none.
    """

    name: str
    type: str = "A"
    class_: int = INTERNET

    def __post_init__(self) -> None:
        # Normalized, so that equal questions are equal. A frozen dataclass
        # has to be told twice.
        object.__setattr__(self, "name", normalize(self.name))
        object.__setattr__(self, "type", type_name(type_number(self.type)))
        check_bits("class_", self.class_, 16)

    def __repr__(self) -> str:
        return f"Question({self.name!r}, {self.type!r})"


@dataclass(frozen=True)
class Record:
    """One record: what there is of one type at one name.

    Args:
        name: Whose record it is.
        type: `"A"`, `"AAAA"`, `"CNAME"`, `"MX"`, `"NS"`, `"PTR"`, `"SOA"`,
            `"TXT"`; or another, whose data are bytes.
        data: An address or a name as text; for TXT a text, bytes or a tuple
            of them; for MX and SOA a tuple: (preference, exchange) and the
            seven fields of `SOA`. It is kept as it would arrive: TXT as a
            tuple of bytes, addresses in their usual spelling.
        ttl: How long it may be kept, in seconds.
        class_: The number of the class; 1 is the internet.

    Raises:
        ValueError: It is no such record.

    Example:
        >>> Record("example.com.", "MX", (10, "mail.example.com"))
        Record('example.com', 'MX', MX(preference=10,
        exchange='mail.example.com'), ttl=300)
        >>> Record("example.com", "TXT", "v=spf1 -all").data
        (b'v=spf1 -all',)
    """

    name: str
    type: str
    data: Any
    ttl: int = 300
    class_: int = INTERNET

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", normalize(self.name))
        object.__setattr__(self, "type", type_name(type_number(self.type)))
        check_bits("ttl", self.ttl, 32)
        check_bits("class_", self.class_, 16)
        object.__setattr__(self, "data", _as_it_arrives(self.type, self.data))

    def __repr__(self) -> str:
        return (
            f"Record({self.name!r}, {self.type!r}, {self.data!r}, "
            f"ttl={self.ttl})"
        )


def check_bits(what: str, value: int, bits: int) -> None:
    """Refuse a number that does not fit into so many bits."""
    if not (isinstance(value, int) and 0 <= value < 1 << bits):
        raise ValueError(f"{what}={value!r}: give a number of {bits} bits")


def _as_it_arrives(kind: str, data: Any) -> Data:
    """Return data as they would be after a journey."""
    packer = Packer()
    # As in a message: a pointer may not lead into the header.
    packer.data += bytes(HEADER)
    pack(packer, kind, data)
    size = len(packer.data) - HEADER
    if size > MAX_MESSAGE:
        raise LimitExceeded("a record", limit=MAX_MESSAGE, size=size)
    return unpack(Unpacker(bytes(packer.data), HEADER), kind, size)
