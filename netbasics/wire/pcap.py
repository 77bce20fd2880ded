"""Write a transcript as packets, for Wireshark: a reconstruction.

A tap sees two streams of bytes, not packets. Which packets carried them cannot
be known any more; this makes up those that could have: a handshake, segments
with sequence numbers that count the bytes, acknowledgements, and the FIN or RST
of the end, each with the addresses of the client and the target, and the times
at which the bytes passed. Lost and repeated packets are not in it, nor is the
tap itself.

The format is that of libpcap, with bare IP packets (LINKTYPE_RAW):
https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/.
"""

import ipaddress
import struct
from collections.abc import Iterator

from netbasics.wire.transcript import (
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Transcript,
)

__all__ = ["checksum", "pcap"]

LINKTYPE_RAW = 101
LONGEST_PACKET = 262144
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17
SEGMENT = 1460  # what fits into an Ethernet frame after the two headers
WINDOW = 65535
# Segments between two acknowledgements, so that the window is never used up.
SEGMENTS_UNACKNOWLEDGED = 16
# Where the two streams begin to count. Real ones begin at random.
FIRST_NUMBER = 1000
# Packets made of one event follow one another by a microsecond.
STEP = 1


def pcap(transcript: Transcript) -> bytes:
    """Return the bytes of a `.pcap` file."""
    header = struct.pack(
        "<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, LONGEST_PACKET, LINKTYPE_RAW
    )
    packets: list[tuple[int, bytes]] = []
    events: dict[int, list[Event]] = {}
    for event in transcript:
        events.setdefault(event.connection, []).append(event)
    start = round(transcript.started.timestamp() * 1e6)
    for flow in transcript.flows:
        try:
            conversation = _Conversation(flow, start + round(flow.began * 1e6))
        except ValueError:
            continue  # to a name: it was never connected, so nothing passed
        for event in events.get(flow.number, []):
            packets.extend(conversation.packets(event))
    packets.sort(key=lambda packet: packet[0])
    return header + b"".join(_record(*packet) for packet in packets)


def checksum(data: bytes) -> int:
    """Return the Internet checksum: of IP, TCP and UDP.

    It is the sum of 16-bit words in ones' complement. That is arithmetic modulo
    65535, in which 65536 is 1; so the number that all the bytes make together
    has the same remainder as the sum of the words.

    Source: RFC 1071.

    Example:
        >>> hex(checksum(bytes.fromhex("0001f203f4f5f6f7")))  # RFC 1071, 3
        '0x220d'
    """
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data) % 0xFFFF
    # Both 0 and 65535 are a zero; only bytes that are all zero have the first.
    if total == 0 and any(data):
        total = 0xFFFF
    return total ^ 0xFFFF


def _record(moment: int, packet: bytes) -> bytes:
    seconds, micros = divmod(moment, 1_000_000)
    size = len(packet)
    return struct.pack("<IIII", seconds, micros, size, size) + packet


class _Conversation:
    """One connection, told in packets.

    Args:
        flow: The connection.
        start: When it began, in microseconds since 1970.
    """

    def __init__(self, flow: Flow, start: int) -> None:
        self._flow = flow
        self._start = start
        self._ends = {
            direction: (_address(source), _address(goal))
            for direction, source, goal in (
                (TO_SERVER, flow.client, flow.server),
                ("to-client", flow.server, flow.client),
            )
        }
        # The next byte of each direction.
        self._next = dict.fromkeys(self._ends, FIRST_NUMBER)
        self._now = start

    def packets(self, event: Event) -> Iterator[tuple[int, bytes]]:
        """Yield the packets that an event stands for, with their times."""
        self._now = max(self._now + STEP, self._start + round(event.time * 1e6))
        way = event.direction
        if event.kind == "connect" and self._flow.protocol == "tcp":
            yield from self._handshake()
        elif event.kind == "datagram":
            yield self._at(self._udp(way, event.data))
        elif event.kind == "chunk":
            yield from self._data(event)
        elif event.kind in ("half-close", "close"):
            self._next[way] = FIRST_NUMBER + 1 + event.offset
            yield self._at(self._tcp(way, FIN | ACK))
            self._next[way] += 1
            yield self._at(self._tcp(_back(way), ACK))
        elif event.kind == "reset":
            if not self._flow.reached:
                # What a refused client sees; of a tap, without the tap.
                self._next[way] = 0
            yield self._at(self._tcp(way, RST | ACK))

    def _handshake(self) -> Iterator[tuple[int, bytes]]:
        yield self._at(self._tcp(TO_SERVER, SYN))
        self._next[TO_SERVER] += 1
        if not self._flow.reached:
            return
        yield self._at(self._tcp("to-client", SYN | ACK))
        self._next["to-client"] += 1
        yield self._at(self._tcp(TO_SERVER, ACK))

    def _data(self, event: Event) -> Iterator[tuple[int, bytes]]:
        way = event.direction
        data = event.data
        self._next[way] = FIRST_NUMBER + 1 + event.offset
        for count, at in enumerate(range(0, len(data), SEGMENT), 1):
            piece = data[at : at + SEGMENT]
            last = at + len(piece) == len(data)
            yield self._at(self._tcp(way, ACK | (PSH if last else 0), piece))
            self._next[way] += len(piece)
            if last or count % SEGMENTS_UNACKNOWLEDGED == 0:
                yield self._at(self._tcp(_back(way), ACK))

    def _at(self, packet: bytes) -> tuple[int, bytes]:
        moment = self._now
        self._now += STEP
        return moment, packet

    def _tcp(self, way: Direction, flags: int, data: bytes = b"") -> bytes:
        source, goal = self._ends[way]
        number = self._next[way] % 2**32
        acknowledged = self._next[_back(way)] % 2**32 if flags & ACK else 0
        head = struct.pack(
            "!HHIIBBHHH",
            source[1],
            goal[1],
            number,
            acknowledged,
            5 << 4,  # the header has five words
            flags,
            WINDOW,
            0,
            0,
        )
        return _ip(source[0], goal[0], TCP, head, data, checksum_at=16)

    def _udp(self, way: Direction, data: bytes) -> bytes:
        source, goal = self._ends[way]
        head = struct.pack("!HHHH", source[1], goal[1], 8 + len(data), 0)
        return _ip(source[0], goal[0], UDP, head, data, checksum_at=6)


def _back(way: Direction) -> Direction:
    return "to-client" if way == TO_SERVER else TO_SERVER


def _address(pair: tuple[str, int]) -> tuple[bytes, int]:
    return ipaddress.ip_address(pair[0].partition("%")[0]).packed, pair[1]


def _ip(
    source: bytes,
    goal: bytes,
    protocol: int,
    head: bytes,
    data: bytes,
    *,
    checksum_at: int,
) -> bytes:
    """Put an IP header in front, and the checksums in."""
    length = len(head) + len(data)
    # A checksum covers the addresses, too: what was delivered to the wrong
    # host is noticed there (RFC 9293, section 3.1).
    pseudo = source + goal + struct.pack("!IHBB", length, 0, 0, protocol)
    total = checksum(pseudo + head + data)
    if protocol == UDP and total == 0:
        total = 0xFFFF  # 0 would say that there is none
    head = (
        head[:checksum_at] + struct.pack("!H", total) + head[checksum_at + 2 :]
    )
    if len(source) == 16:
        ip = struct.pack("!IHBB", 6 << 28, length, protocol, 64)
        return ip + source + goal + head + data
    parts = (0x45, 0, 20 + length, 0, 0x4000, 64, protocol)
    blank = struct.pack("!BBHHHBBH", *parts, 0) + source + goal
    ip = struct.pack("!BBHHHBBH", *parts, checksum(blank)) + source + goal
    return ip + head + data
