"""A reader with a position, struct, and one place where errors are turned."""

import ipaddress
import struct


class Reader:
    def __init__(self, packet, at=0):
        self.packet = packet
        self.at = at

    def unpack(self, layout):
        values = struct.unpack_from(layout, self.packet, self.at)
        self.at += struct.calcsize(layout)
        return values

    def name(self):
        labels = []
        reader, since = self, self.at
        while True:
            (length,) = reader.unpack("!B")
            if length == 0:
                return ".".join(labels)
            if length < 64:
                (label,) = reader.unpack(f"!{length}s")
                labels.append(label.decode("latin-1"))
                continue
            if length < 192:
                raise ValueError("neither a label nor a pointer")
            (low,) = reader.unpack("!B")
            target = (length & 63) * 256 + low
            if target >= since:
                raise ValueError("a pointer must lead backwards")
            reader, since = Reader(self.packet, target), target


def parse_answer(packet):
    try:
        return parse(Reader(packet))
    except struct.error as error:
        raise ValueError(f"the packet is cut: {error}") from error


def parse(reader):
    records = []
    _, _, questions, answers, _, _ = reader.unpack("!6H")
    for _ in range(questions):
        reader.name()
        reader.unpack("!HH")
    for _ in range(answers):
        name = reader.name()
        kind, _, ttl, size = reader.unpack("!HHIH")
        start = reader.at
        (data,) = reader.unpack(f"!{size}s")
        if kind in (1, 28):
            if size != (4 if kind == 1 else 16):
                raise ValueError(f"an address of {size} bytes")
            text = str(ipaddress.ip_address(data))
            records.append((name, "A" if kind == 1 else "AAAA", ttl, text))
        elif kind == 5:
            text = Reader(reader.packet, start).name()
            records.append((name, "CNAME", ttl, text))
    return records
