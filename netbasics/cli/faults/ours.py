"""The clients of this package, with the limits that they are made for."""

import asyncio
import json
from collections.abc import AsyncIterator

from netbasics import aio, apis, clients, dns, sockets
from netbasics.cli.faults.plain import turns
from netbasics.cli.faults.targets import (
    DEADLINE,
    MAX_BYTES,
    PAUSE,
    TIMEOUT,
    UDP_QUESTION,
    Target,
)
from netbasics.deadlines import Deadline
from netbasics.errors import NetbasicsError, ProtocolError

__all__ = ["with_aio", "with_apis", "with_clients", "with_sockets"]

TRIES = 3


class LookupFailed(NetbasicsError, LookupError):
    """A name server that answers, and has no address."""


def with_sockets(target: Target) -> bytes:
    """Ask by `netbasics.sockets`: one question over TCP, UDP or DNS."""
    address = target.peer.address
    if target.fault.kind == "dns":
        return look_up(address, target.name_server.question)
    if target.fault.kind == "udp":
        wait = DEADLINE / (TRIES + 1)
        return sockets.ask_udp(address, UDP_QUESTION, timeout=wait, tries=TRIES)
    deadline = Deadline(DEADLINE)
    with sockets.connect(address, timeout=min(TIMEOUT, DEADLINE)) as sock:
        sock.settimeout(deadline.timeout(TIMEOUT))
        sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        return sockets.Reader(sock, deadline=deadline).exactly(1)


def look_up(address: tuple[str, int], asked: dns.Question) -> bytes:
    """Ask a name server over UDP, and over TCP for what is truncated."""
    question = dns.query(asked.name, asked.type)
    raw = question.encode()
    wait = DEADLINE / (TRIES + 1)
    reply = sockets.ask_udp(address, raw, timeout=wait, tries=TRIES)
    answer = dns.parse(reply)
    if answer.answers_to(question) and answer.truncated:
        framed = len(raw).to_bytes(2, "big") + raw
        # The server ends its side when we have ended ours.
        reply = sockets.ask(address, framed, timeout=TIMEOUT)
        answer = dns.parse(reply[2:])
    if not answer.answers_to(question):
        raise ProtocolError(
            f"the DNS answer has the id {answer.id} or another question; asked "
            f"was {question.id}: it is late, or forged"
        )
    if answer.rcode:
        raise LookupFailed(f"{asked.name}: the server says {answer.status}")
    found = [r.data for r in answer.answers if r.type == asked.type]
    return "\n".join(found).encode()


def with_clients(target: Target) -> bytes:
    """Ask by `netbasics.clients`."""
    with clients.session(
        timeout=TIMEOUT,
        deadline=DEADLINE,
        max_bytes=MAX_BYTES,
        verify=str(target.pem) if target.pem else True,
    ) as session:
        for _ in turns(target):
            response = session.get(target.peer.url)
            response.raise_for_status()
        if target.json:
            return json.dumps(response.json()).encode()
        return response.content


def with_apis(target: Target) -> bytes:
    """Ask by `netbasics.apis`."""
    with apis.APIClient(
        target.peer.url,
        timeout=TIMEOUT,
        deadline=DEADLINE,
        max_bytes=MAX_BYTES,
        verify=str(target.pem) if target.pem else True,
    ) as api:
        if target.json:
            return json.dumps(api.get("/")).encode()
        for _ in turns(target):
            response = api.request("GET", "/")
        return response.content


def with_aio(target: Target) -> bytes:
    """Ask by `netbasics.aio`."""
    return asyncio.run(_fetch(target))


async def _fetch(target: Target) -> bytes:
    async def urls() -> AsyncIterator[str]:
        for turn in range(target.fault.calls):
            await asyncio.sleep(PAUSE if turn else 0)
            yield target.peer.url

    outcomes = await aio.fetch_all(
        urls(),
        limit=1,
        timeout=TIMEOUT,
        deadline=DEADLINE,
        max_bytes=MAX_BYTES,
        retries=TRIES - 1,
        tls=target.context() if target.peer.scheme == "https" else None,
    )
    last = outcomes[-1]
    if isinstance(last, Exception):
        raise last
    return json.dumps(last.json()).encode() if target.json else last.body
