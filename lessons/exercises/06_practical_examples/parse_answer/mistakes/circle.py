import ipaddress

TYPES = {1: "A", 28: "AAAA", 5: "CNAME"}


def parse_answer(packet):
    take(packet, 0, 12)
    questions, answers = number(packet, 4, 2), number(packet, 6, 2)
    at = 12
    for _ in range(questions):
        _, at = read_name(packet, at)
        at += 4
    found = []
    for _ in range(answers):
        name, at = read_name(packet, at)
        kind = TYPES.get(number(packet, at, 2))
        ttl, size = number(packet, at + 4, 4), number(packet, at + 8, 2)
        data = take(packet, at + 10, size)
        if kind == "CNAME":
            found.append((name, kind, ttl, read_name(packet, at + 10)[0]))
        elif kind == "A":
            found.append((name, kind, ttl, str(ipaddress.IPv4Address(data))))
        elif kind == "AAAA":
            found.append((name, kind, ttl, str(ipaddress.IPv6Address(data))))
        at += 10 + size
    return found


def take(packet, at, size):
    data = packet[at : at + size]
    if len(data) < size:
        raise ValueError(f"cut off: {size} bytes at {at}, got {len(data)}")
    return data


def number(packet, at, size):
    return int.from_bytes(take(packet, at, size), "big")


def read_name(packet, at):
    labels = []
    after = None
    while length := number(packet, at, 1):
        if length >= 0xC0:
            target = number(packet, at, 2) & 0x3FFF
            after = after or at + 2
            at = target
        elif length >= 0x40:
            raise ValueError(f"a length of {length} at {at}")
        else:
            labels.append(take(packet, at + 1, length).decode("ascii"))
            at += 1 + length
    return ".".join(labels), after or at + 1
