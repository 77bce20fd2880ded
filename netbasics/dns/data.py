"""What each type of record holds, as Python values."""

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, NamedTuple

from netbasics.dns.packing import Packer, Unpacker
from netbasics.errors import ProtocolError

__all__ = ["MX", "SOA", "Data", "pack", "type_name", "type_number", "unpack"]

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "OPT": 41,
    "ANY": 255,
}
NAMES = {number: name for name, number in TYPES.items()}


class MX(NamedTuple):
    """A mail server of a domain; the one with the lowest preference first."""

    preference: int
    exchange: str


class SOA(NamedTuple):
    """The start of a zone of authority; the times are in seconds."""

    mname: str
    rname: str
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int


Data = str | bytes | tuple[bytes, ...] | MX | SOA


def type_number(kind: str) -> int:
    """Return the number of a type; an unknown one is written `"TYPE65"`.

    Raises:
        ValueError: There is no such type.

    Source: RFC 3597, section 5 (the spelling of unknown types).
    """
    number = TYPES.get(kind, -1)
    if kind.startswith("TYPE") and kind[4:].isdecimal() and len(kind) < 10:
        number = int(kind[4:])
    if not 0 <= number < 1 << 16:
        raise ValueError(
            f"{kind!r} is no type of record: give one of {', '.join(TYPES)}, "
            "or TYPE and a number up to 65535"
        )
    return number


def type_name(number: int) -> str:
    """Return the name of a type.

    >>> type_name(28), type_name(65)
    ('AAAA', 'TYPE65')
    """
    return NAMES.get(number, f"TYPE{number}")


def pack(packer: Packer, kind: str, data: Any) -> None:
    """Append what a record of this type holds, without its length.

    Raises:
        ValueError: A record of this type cannot hold that.
    """
    step = _PACK.get(kind, _pack_raw)
    try:
        step(packer, data)
    # What is no tuple, no text or no number shows in many ways.
    except (TypeError, AttributeError, OverflowError, ValueError) as error:
        raise ValueError(
            f"a record of type {kind} cannot hold {data!r:.100}: {error}"
        ) from None


def unpack(unpacker: Unpacker, kind: str, length: int) -> Data:
    """Return what a record of this type holds, in the next `length` bytes.

    Raises:
        ProtocolError: It is something else, or shorter or longer.
    """
    end = unpacker.at + length
    if end > len(unpacker.data):
        unpacker.take(length)  # it says how much is missing
    data = _UNPACK.get(kind, _unpack_raw)(unpacker, end)
    if unpacker.at != end:
        raise ProtocolError(
            f"a DNS record of type {kind} says that its data end at byte "
            f"{end} of the message, and they end at byte {unpacker.at}"
        )
    return data


def _pack_a(packer: Packer, data: str) -> None:
    packer.data += IPv4Address(str(data)).packed


def _pack_aaaa(packer: Packer, data: str) -> None:
    address = IPv6Address(str(data))
    if address.scope_id is not None:
        raise AddressValueError("a scope (%...) means nothing elsewhere")
    packer.data += address.packed


def _pack_txt(packer: Packer, data: str | bytes | tuple[bytes, ...]) -> None:
    texts = (data,) if isinstance(data, str | bytes) else data
    if not texts:
        raise ValueError("give one text at least; it may be empty")
    for text in texts:
        raw = text.encode() if isinstance(text, str) else bytes(text)
        if len(raw) > 255:
            raise ValueError(f"a text of {len(raw)} bytes: split it, 255 each")
        packer.data += bytes([len(raw)]) + raw


def _pack_mx(packer: Packer, data: tuple[int, str]) -> None:
    preference, exchange = data
    packer.number(preference, 2)
    packer.name(exchange)


def _pack_soa(packer: Packer, data: Any) -> None:
    mname, rname, *numbers = SOA(*data)
    packer.name(mname)
    packer.name(rname)
    for number in numbers:
        packer.number(number, 4)


def _pack_raw(packer: Packer, data: bytes) -> None:
    packer.data += memoryview(data)


def _unpack_a(unpacker: Unpacker, end: int) -> str:
    return str(IPv4Address(_exactly(unpacker, end, 4)))


def _unpack_aaaa(unpacker: Unpacker, end: int) -> str:
    return str(IPv6Address(_exactly(unpacker, end, 16)))


def _exactly(unpacker: Unpacker, end: int, size: int) -> bytes:
    length = end - unpacker.at
    if length != size:
        raise ProtocolError(
            f"the address at byte {unpacker.at} of the DNS message has "
            f"{length} bytes; it should have {size}"
        )
    return unpacker.take(size)


def _unpack_txt(unpacker: Unpacker, end: int) -> tuple[bytes, ...]:
    texts = []
    while unpacker.at < end:
        texts.append(unpacker.take(unpacker.number(1), "a text"))
    return tuple(texts)


def _unpack_name(unpacker: Unpacker, end: int) -> str:
    return unpacker.name()


def _unpack_mx(unpacker: Unpacker, end: int) -> MX:
    return MX(unpacker.number(2), unpacker.name())


def _unpack_soa(unpacker: Unpacker, end: int) -> SOA:
    names = unpacker.name(), unpacker.name()
    return SOA(*names, *(unpacker.number(4) for _ in range(5)))


def _unpack_raw(unpacker: Unpacker, end: int) -> bytes:
    return unpacker.take(end - unpacker.at)


_PACK: dict[str, Callable[[Packer, Any], None]] = {
    "A": _pack_a,
    "AAAA": _pack_aaaa,
    "CNAME": Packer.name,
    "MX": _pack_mx,
    "NS": Packer.name,
    "PTR": Packer.name,
    "SOA": _pack_soa,
    "TXT": _pack_txt,
}
_UNPACK: dict[str, Callable[[Unpacker, int], Data]] = {
    "A": _unpack_a,
    "AAAA": _unpack_aaaa,
    "CNAME": _unpack_name,
    "MX": _unpack_mx,
    "NS": _unpack_name,
    "PTR": _unpack_name,
    "SOA": _unpack_soa,
    "TXT": _unpack_txt,
}
