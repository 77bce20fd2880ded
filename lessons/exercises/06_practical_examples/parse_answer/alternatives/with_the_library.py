"""The package's own codec, which reads all four sections."""

from netbasics import dns

WANTED = ("A", "AAAA", "CNAME")


def parse_answer(packet):
    return [
        (record.name.rstrip("."), record.type, record.ttl, str(record.data))
        for record in dns.parse(packet).answers
        if record.type in WANTED
    ]
