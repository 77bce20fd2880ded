"""One buffer for all that an event loop reads.

Left to itself, asyncio takes 256 KiB of new memory for each read (but on
Windows), whatever comes, and gives nearly all of it back: for a small message
that is more work than the message. A protocol of the other kind, an
`asyncio.BufferedProtocol`, is asked where the bytes are to go. In a loop
nothing else runs between a read and what is done with it, so one buffer serves
all connections.

This module needs asyncio, which the others here do not, so the package leaves
its import to whoever uses it.
"""

import asyncio

__all__ = ["OneBuffer", "new_room"]

# How much is read at a time, in bytes: as much as asyncio reads by itself, so
# that a protocol sees the same pieces. (h11 refuses a head that is incomplete
# after 64 KiB, and takes one that comes whole.)
PIECE = 262144
# The most that one record of TLS holds (RFC 8446, section 5.1).
RECORD = 16384


def new_room() -> memoryview:
    """Return a buffer for the connections of one event loop."""
    return memoryview(bytearray(PIECE))


class OneBuffer(asyncio.BufferedProtocol):
    """Let a protocol with `data_received` read into one buffer.

    It is mixed in behind the protocol, whose own methods come first.

    Attributes:
        room: The buffer, from `new_room()`. Two event loops in two threads
            must not share one: each would read into it at any time.

    Example:
        >>> class Shout(asyncio.Protocol, OneBuffer):
        ...     room = new_room()
        ...     def data_received(self, data):
        ...         print(data.upper())
        >>> shout = Shout()
        >>> shout.get_buffer(-1)[:5] = b"hello"  # as a transport does
        >>> shout.buffer_updated(5)
        b'HELLO'
    """

    __slots__ = ()
    room: memoryview

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to read to.

        Inside TLS, what was received may be more than the room, and asyncio
        forgets the rest if the end came with it. Such a connection gets a room
        of its own. The hint leaves out a record that was begun.
        """
        most = sizehint + RECORD
        if most > len(self.room):
            room = memoryview(bytearray(most))
            self.room = room  # type: ignore[misc]  # subclasses have a place
        return self.room

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read; a copy, which may be kept."""
        self.data_received(bytes(self.room[:nbytes]))  # type: ignore[attr-defined]
