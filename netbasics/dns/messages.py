"""Messages: a header, questions, and three lists of records."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from netbasics.dns.data import pack, type_name, type_number, unpack
from netbasics.dns.packing import HEADER, Packer, Unpacker
from netbasics.dns.records import MAX_MESSAGE, Question, Record, check_bits
from netbasics.errors import LimitExceeded, ProtocolError

__all__ = ["MAX_UDP", "Message", "parse", "query"]

MAX_UDP = 512
"""The longest message over UDP, in bytes; without EDNS (RFC 6891)."""
RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
}
# The bits of the second pair of bytes, from the left.
RESPONSE, AUTHORITATIVE, TRUNCATED = 1 << 15, 1 << 10, 1 << 9
RECURSION_DESIRED, RECURSION_AVAILABLE = 1 << 8, 1 << 7


@dataclass(frozen=True)
class Message:
    """A question to a name server, or its answer.

    Args:
        id: The number that the answer repeats. It is what makes an answer
            hard to forge, so it must not be guessable; `query` sees to that.
        response: Whether it is an answer.
        opcode: 0 for a usual query.
        authoritative: The one who answers is responsible for the name.
        truncated: It did not fit; ask again over TCP.
        recursion_desired: Ask other servers, if need be.
        recursion_available: This server would do so.
        rcode: What became of it; 0 is no error, 3 is no such name.
        questions: What was asked; in practice one.
        answers: The records that answer it.
        authority: The records that say who is responsible.
        additional: Further records that may help.

    Raises:
        ValueError: A number does not fit into its bits.
    """

    id: int = 0
    response: bool = False
    opcode: int = 0
    authoritative: bool = False
    truncated: bool = False
    recursion_desired: bool = True
    recursion_available: bool = False
    rcode: int = 0
    questions: tuple[Question, ...] = ()
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()

    def __post_init__(self) -> None:
        for name, bits in (("id", 16), ("opcode", 4), ("rcode", 4)):
            check_bits(name, getattr(self, name), bits)
        for name in ("questions", "answers", "authority", "additional"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def status(self) -> str:
        """The name of the rcode: `"NOERROR"`, `"NXDOMAIN"`."""
        return RCODES.get(self.rcode, f"RCODE{self.rcode}")

    def reply(
        self, *answers: Record, rcode: int = 0, **fields: Any
    ) -> "Message":
        """Return an answer to this question, with its id and questions.

        Args:
            answers: The records.
            rcode: 0 for no error, 2 the server failed, 3 no such name.
            fields: Further fields of the message.
        """
        return Message(
            **{
                "id": self.id,
                "response": True,
                "opcode": self.opcode,
                "recursion_desired": self.recursion_desired,
                "rcode": rcode,
                "questions": self.questions,
                "answers": answers,
                **fields,
            }
        )

    def answers_to(self, question: "Message") -> bool:
        """Return whether this is an answer to that very question.

        The id and the question must be the same: an answer to something else
        is late, or forged (RFC 5452, section 9.1).
        """
        asked = [_key(entry) for entry in question.questions]
        repeated = [_key(entry) for entry in self.questions]
        return self.response and self.id == question.id and asked == repeated

    def encode(self, *, limit: int = MAX_MESSAGE) -> bytes:
        """Return the message as bytes.

        Args:
            limit: The longest that may be sent, in bytes; `MAX_UDP` for a
                datagram. If it does not fit, records are left out from the
                end and it is marked as truncated (RFC 2181, section 9).

        Raises:
            LimitExceeded: Not even the questions fit.
        """
        packer = Packer()
        packer.data += bytes(HEADER)
        for question in self.questions:
            packer.name(question.name)
            packer.number(type_number(question.type), 2)
            packer.number(question.class_, 2)
        if len(packer.data) > limit:
            size = len(packer.data)
            raise LimitExceeded("the DNS question", limit=limit, size=size)
        full = False
        counts = []
        for records in (self.answers, self.authority, self.additional):
            kept = 0 if full else _pack_records(packer, records, limit)
            full = full or kept < len(records)
            counts.append(kept)
        header = (self.id, self._flags(full), len(self.questions), *counts)
        packer.data[:HEADER] = b"".join(n.to_bytes(2, "big") for n in header)
        return bytes(packer.data)

    def _flags(self, cut: bool) -> int:
        return (
            RESPONSE * self.response
            | self.opcode << 11
            | AUTHORITATIVE * self.authoritative
            | TRUNCATED * (self.truncated or cut)
            | RECURSION_DESIRED * self.recursion_desired
            | RECURSION_AVAILABLE * self.recursion_available
            | self.rcode
        )


def _key(question: Question) -> tuple[str, str, int]:
    """Return what makes two questions the same; case does not."""
    return question.name.lower(), question.type, question.class_


def _pack_records(packer: Packer, records: Iterable[Record], limit: int) -> int:
    """Append the records that fit, whole; return how many."""
    count = 0
    for record in records:
        before = len(packer.data)
        packer.name(record.name)
        packer.number(type_number(record.type), 2)
        packer.number(record.class_, 2)
        packer.number(record.ttl, 4)
        packer.number(0, 2)
        start = len(packer.data)
        pack(packer, record.type, record.data)
        if len(packer.data) > limit:
            packer.cut(before)
            break
        length = len(packer.data) - start
        packer.data[start - 2 : start] = length.to_bytes(2, "big")
        count += 1
    return count


def query(
    name: str, type: str = "A", *, id: int | None = None, recursive: bool = True
) -> Message:
    """Return a question for a name server.

    Args:
        name: The name.
        type: The type of record.
        id: The number of the question. By default it is a random one that
            nobody can guess: whoever guesses it can answer first.
        recursive: Whether the server should ask others.

    Example:
        >>> query("example.com", "MX").questions
        (Question('example.com', 'MX'),)
    """
    return Message(
        id=secrets.randbits(16) if id is None else id,
        recursion_desired=recursive,
        questions=(Question(name, type),),
    )


def parse(raw: bytes) -> Message:
    r"""Return the message that these bytes are.

    Args:
        raw: One message, from its first byte to its last.

    Raises:
        ProtocolError: It is no DNS message, or not a whole one: cut off, with
            bytes to spare, with a name that leads in a circle.
        LimitExceeded: It is longer than any message can be.

    Example:
        >>> parse(b"\x12\x34\x81\x83" + bytes(8)).status
        'NXDOMAIN'

    Bits and classes that later standards have added are read over. Source:
    RFC 1035, section 4.
    """
    raw = bytes(raw)
    if len(raw) > MAX_MESSAGE:
        raise LimitExceeded("the DNS message", limit=MAX_MESSAGE, size=len(raw))
    unpacker = Unpacker(raw)
    header = [unpacker.number(2, "the header") for _ in range(6)]
    number, flags, asked, *counts = header
    questions = tuple(_unpack_question(unpacker) for _ in range(asked))
    lists = [
        tuple(_unpack_record(unpacker) for _ in range(count))
        for count in counts
    ]
    if unpacker.at != len(raw):
        raise ProtocolError(
            f"the DNS message ends at byte {unpacker.at}, and {len(raw)} bytes "
            "came: it is two messages, or something else"
        )
    return replace(
        _unpack_flags(flags),
        id=number,
        questions=questions,
        answers=lists[0],
        authority=lists[1],
        additional=lists[2],
    )


def _unpack_flags(flags: int) -> Message:
    return Message(
        response=bool(flags & RESPONSE),
        opcode=flags >> 11 & 15,
        authoritative=bool(flags & AUTHORITATIVE),
        truncated=bool(flags & TRUNCATED),
        recursion_desired=bool(flags & RECURSION_DESIRED),
        recursion_available=bool(flags & RECURSION_AVAILABLE),
        rcode=flags & 15,
    )


def _unpack_question(unpacker: Unpacker) -> Question:
    name = unpacker.name()
    kind = type_name(unpacker.number(2, "a question"))
    return Question(name, kind, unpacker.number(2, "a question"))


def _unpack_record(unpacker: Unpacker) -> Record:
    name = unpacker.name()
    kind = type_name(unpacker.number(2))
    class_, ttl = unpacker.number(2), unpacker.number(4)
    data = unpack(unpacker, kind, unpacker.number(2))
    try:
        return Record(name, kind, data, ttl, class_)
    except ValueError as error:
        raise ProtocolError(
            f"a DNS record that makes no sense, before byte {unpacker.at}: "
            f"{error}"
        ) from None
