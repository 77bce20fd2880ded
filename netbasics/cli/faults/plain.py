"""The clients that there are, used as careful textbooks use them.

With a timeout, with `raise_for_status()`, with checked certificates. What is
missing is what most programs do not have: a deadline, limits, retries.
"""

import asyncio
import json
import socket
import struct
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import requests

from netbasics import dns
from netbasics.cli.faults.targets import PAUSE, TIMEOUT, UDP_QUESTION, Target

__all__ = ["bare_socket", "with_aiohttp", "with_requests", "with_urllib"]


def bare_socket(target: Target) -> bytes:
    """Ask by a socket alone, and take what comes until it ends."""
    if target.fault.kind == "udp":
        return _ask_udp(target.peer.address, UDP_QUESTION)
    if target.fault.kind == "dns":
        question = target.name_server.question
        raw = dns.query(question.name, question.type).encode()
        reply = _ask_udp(target.peer.address, raw)
        return "\n".join(read_addresses(reply)).encode()
    for _ in turns(target):
        body = _ask_tcp(target)
    if target.json:
        json.loads(body)
    return body


def _ask_udp(address: tuple[str, int], data: bytes) -> bytes:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT)
        sock.sendto(data, address)
        reply, _ = sock.recvfrom(65535)
    return reply


def _ask_tcp(target: Target) -> bytes:
    request = (
        f"GET / HTTP/1.1\r\nHost: {target.peer.host}\r\n"
        "Connection: close\r\n\r\n"
    )
    with _connected(target) as sock:
        sock.sendall(request.encode())
        raw = b""
        while piece := sock.recv(4096):
            raw += piece
    return raw.partition(b"\r\n\r\n")[2]


@contextmanager
def _connected(target: Target) -> Iterator[socket.socket]:
    with socket.create_connection(target.peer.address, TIMEOUT) as sock:
        if target.peer.scheme != "https":
            yield sock
            return
        host = target.peer.host
        with target.context().wrap_socket(sock, server_hostname=host) as tls:
            yield tls


def read_addresses(reply: bytes) -> list[str]:
    """Read the addresses out of a DNS answer, as home-made parsers do.

    It looks neither at the id nor at the code nor at the bit that says that
    the rest is missing, and follows pointers wherever they lead.
    """
    asked, answered = struct.unpack("!HH", reply[4:8])
    at = 12
    for _ in range(asked):
        _, at = _read_name(reply, at)
        at += 4
    addresses = []
    for _ in range(answered):
        _, at = _read_name(reply, at)
        size = struct.unpack("!H", reply[at + 8 : at + 10])[0]
        at += 10 + size
        addresses.append(".".join(str(byte) for byte in reply[at - size : at]))
    return addresses


def _read_name(reply: bytes, at: int) -> tuple[str, int]:
    labels, end = [], 0
    while length := reply[at]:
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | reply[at + 1]
        else:
            labels.append(reply[at + 1 : at + 1 + length].decode())
            at += 1 + length
    return ".".join(labels), end or at + 1


def with_urllib(target: Target) -> bytes:
    """Ask by `urllib.request.urlopen`."""
    https = target.peer.scheme == "https"
    for _ in turns(target):
        with urllib.request.urlopen(
            target.peer.url,
            timeout=TIMEOUT,
            context=target.context() if https else None,
        ) as response:
            body: bytes = response.read()
    if target.json:
        json.loads(body)
    return body


def with_requests(target: Target) -> bytes:
    """Ask by a session of `requests`."""
    with requests.Session() as session:
        session.verify = str(target.pem) if target.pem else True
        for _ in turns(target):
            response = session.get(target.peer.url, timeout=TIMEOUT)
            response.raise_for_status()
    return _json_again(response.json()) if target.json else response.content


def with_aiohttp(target: Target) -> bytes:
    """Ask by a session of `aiohttp`; its timeout is for the whole request."""
    return asyncio.run(_ask_aiohttp(target))


async def _ask_aiohttp(target: Target) -> bytes:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    context = target.context() if target.peer.scheme == "https" else True
    async with aiohttp.ClientSession(
        timeout=timeout, raise_for_status=True
    ) as session:
        for turn in range(target.fault.calls):
            await asyncio.sleep(PAUSE if turn else 0)
            async with session.get(target.peer.url, ssl=context) as response:
                if target.json:
                    body = _json_again(await response.json())
                else:
                    body = await response.read()
    return body


def turns(target: Target) -> Iterator[int]:
    """Count the requests that it takes, with a pause between them."""
    for turn in range(target.fault.calls):
        time.sleep(PAUSE if turn else 0)
        yield turn


def _json_again(value: object) -> bytes:
    return json.dumps(value).encode()
