"""The bytes of a message: numbers, and names with their pointers."""

from netbasics.dns.names import MAX_NAME, Labels, join, split
from netbasics.errors import ProtocolError

__all__ = ["HEADER", "Packer", "Unpacker"]

HEADER = 12  # bytes; a name cannot begin inside of it
POINTER = 0xC0  # the two highest bits of a length: not a length, a pointer
FAR = 0x4000  # a pointer has 14 bits
# No name has more than 127 labels. Pointers that lead to pointers only would
# otherwise make a small message a lot of work.
MAX_JUMPS = 127


class Packer:
    r"""Writes a message; a name that was there before becomes a pointer.

    Example:
        >>> packer = Packer()
        >>> packer.name("b.c")
        >>> packer.name("a.b.c")
        >>> bytes(packer.data)
        b'\x01b\x01c\x00\x01a\xc0\x00'
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self._places: dict[Labels, int] = {}

    def number(self, value: int, size: int) -> None:
        """Append a number of `size` bytes, the highest first."""
        self.data += value.to_bytes(size, "big")

    def name(self, name: str) -> None:
        """Append a name."""
        labels = split(name)
        for position, label in enumerate(labels):
            rest = labels[position:]
            place = self._places.get(rest)
            if place is not None:
                self.number(POINTER << 8 | place, 2)
                return
            if len(self.data) < FAR:
                self._places[rest] = len(self.data)
            self.data += bytes([len(label)]) + label
        self.data.append(0)

    def cut(self, size: int) -> None:
        """Take back everything behind the first `size` bytes."""
        del self.data[size:]
        kept = {k: v for k, v in self._places.items() if v < size}
        self._places = kept


class Unpacker:
    r"""Reads a message from front to back; names may lead back.

    Args:
        data: The whole message.
        at: Where to begin.

    Example:
        >>> unpacker = Unpacker(b"\0" * 12 + b"\x01b\x01c\x00\x01a\xc0\x0c", 12)
        >>> unpacker.name(), unpacker.name()
        ('b.c', 'a.b.c')
    """

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, count: int, what: str = "a record") -> bytes:
        """Return the next `count` bytes.

        Raises:
            ProtocolError: So many are not there.
        """
        found = self.data[self.at : self.at + count]
        if len(found) < count:
            raise ProtocolError(
                f"the DNS message is cut off: {what} at byte {self.at} needs "
                f"{count} bytes, {len(found)} are left of {len(self.data)}"
            )
        self.at += count
        return found

    def number(self, size: int, what: str = "a record") -> int:
        """Return the next number of `size` bytes."""
        return int.from_bytes(self.take(size, what), "big")

    def name(self) -> str:
        """Return the name that begins here.

        Raises:
            ProtocolError: It is cut off, too long, or has a pointer that does
                not lead backwards.
        """
        labels: list[bytes] = []
        size = 1
        follow, jumps = self, 0
        start = self.at
        while (length := follow.number(1, "a name")) != 0:
            if length >= POINTER:
                jumps += 1
                start = follow._target(length, start, jumps)
                follow = Unpacker(self.data, start)
                continue
            if length >= 0x40:
                raise ProtocolError(
                    f"byte {follow.at - 1} of the DNS message, {length:#04x}, "
                    "is neither a label's length nor a pointer"
                )
            labels.append(follow.take(length, "a label"))
            size += length + 1
            if size > MAX_NAME:
                raise ProtocolError(
                    f"a name of more than {MAX_NAME} bytes ends at byte "
                    f"{follow.at} of the DNS message; none may be so long"
                )
        return join(tuple(labels))

    def _target(self, high: int, start: int, jumps: int) -> int:
        """Return where the pointer leads whose first byte was just read.

        `start` is where this stretch of labels begins. To lead in front of
        it, each time, is what makes a circle impossible.
        """
        at = self.at - 1
        target = (high & 0x3F) << 8 | self.number(1, "a pointer")
        if target >= start:
            raise ProtocolError(
                f"a compression loop: the pointer at byte {at} of the DNS "
                f"message leads to byte {target}, which is not in front of the "
                f"name that began at byte {start}"
            )
        if target < HEADER or jumps > MAX_JUMPS:
            why = (
                "into the header"
                if target < HEADER
                else f"to one more after {MAX_JUMPS} others"
            )
            raise ProtocolError(
                f"the pointer at byte {at} of the DNS message leads {why}"
            )
        return target
