"""Checks broadcast."""

import contextlib
import random
import socket

import pytest
from broadcast import broadcast

from netbasics import lab

LARGE = random.Random(61).randbytes(1_000_000)
ONE_SEND = (
    "`send` takes as much as there is room for just now, and says how much. "
    "The rest is yours to send when there is room again."
)


def sockets(check, count):
    """Unconnected sockets, in the order in which a set hands them out."""
    clients = {check.keep(socket.socket()) for _ in range(count)}
    return clients, list(clients)


def dial(sock, peer):
    """Connect; the system holds little for this socket, on any machine."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 131_072)
    sock.settimeout(5)
    sock.connect(peer.address)
    sock.settimeout(None)
    return sock


def arrived(peer, message):
    """Whether the message reached a peer; it may still be on its way."""
    peer.wait_for_bytes(len(message), timeout=2)
    return peer.seen == [message]


def has_it(check, peer, message, who):
    if not arrived(peer, message):
        got = b"".join(peer.seen)
        much = f"{len(got):,} bytes"
        if got != message[: len(got)]:
            much += ", not those of the message in their order"
        check.fail(f"{who} has all {len(message):,} bytes", f"it has {much}")


def stays(check, clients, client, who):
    there = client in clients and client.fileno() != -1
    if not there:
        gone = "closed" if client.fileno() == -1 else "not in the set"
        check.fail(f"{who} stays in the set, open", f"it is {gone}")


def is_gone(check, clients, client, who):
    if client in clients:
        check.fail(f"{who} is removed from the set", "it is in it")
    if client.fileno() != -1:
        check.fail(f"{who} is closed", "its socket is open")


def reset(check, sock):
    """Connect to a peer that resets, and wait for the reset."""
    dial(sock, check.peer(lab.resets_before()))
    sock.settimeout(5)
    sock.sendall(b"?")
    with contextlib.suppress(ConnectionError):
        sock.recv(1)
    sock.settimeout(None)


@pytest.mark.parametrize("message", [b"hello, all\n", LARGE])
def test_both_read(check, message):
    """Two clients, and both read whatever comes as soon as it comes."""
    clients, both = sockets(check, 2)
    peers = [check.peer(lab.silent()) for _ in both]
    for sock, peer in zip(both, peers, strict=True):
        dial(sock, peer)
    check.mistake(
        "A second is much for two clients that read. It waits for something.",
        lambda it: it.hung,
    )
    check.mistake(
        ONE_SEND,
        lambda it: any(
            it.error is None and 0 < sum(map(len, peer.seen)) < 1e6
            for peer in peers
        ),
    )
    check.call(broadcast, clients, message)
    for number, (sock, peer) in enumerate(zip(both, peers, strict=True), 1):
        has_it(check, peer, message, f"client {number}")
        stays(check, clients, sock, f"client {number}")


def test_nobody_is_there(check):
    """There is no client at all."""
    clients = set()
    check.call(broadcast, clients, b"hello?")
    check.equal(clients, set(), "the set")


def test_their_timeouts(check):
    """Three clients read; their timeouts are None, 7.5 s and 0."""
    clients, three = sockets(check, 3)
    peers = [check.peer(lab.silent()) for _ in three]
    before = [None, 7.5, 0.0]
    for sock, peer, timeout in zip(three, peers, before, strict=True):
        dial(sock, peer).settimeout(timeout)
    check.mistake(
        "A socket with timeout 0 does not wait: `sendall` on it sends a part, "
        "and raises BlockingIOError when there is no room just now.",
        lambda it: three[2] not in clients or three[2].fileno() == -1,
    )
    check.mistake(
        "The sockets belong to the caller. Whoever changes their timeouts "
        "puts back what was there.",
        lambda it: [sock.gettimeout() for sock in three] != before,
    )
    check.call(broadcast, clients, LARGE)
    for peer, sock, timeout in zip(peers, three, before, strict=True):
        who = f"the client with timeout {timeout}"
        stays(check, clients, sock, who)
        has_it(check, peer, LARGE, who)
    after = [sock.gettimeout() for sock in three]
    check.equal(after, before, "their timeouts")


def test_the_dead(check):
    """One has reset, one is closed already; those before and after read."""
    clients, four = sockets(check, 4)
    first, dead, closed, last = four
    peers = [check.peer(lab.silent()), check.peer(lab.silent())]
    dial(first, peers[0])
    dial(last, peers[1])
    reset(check, dead)
    closed.close()
    check.mistake(
        "The set was changed while a loop walked through it. Walk through a "
        "copy, `list(clients)`, or remove afterwards.",
        lambda it: isinstance(it.error, RuntimeError),
    )
    check.mistake(
        "A client that is gone is no reason to stop: the others want the "
        "message. What its socket raises (an OSError; a selector says "
        "ValueError if the socket is closed) is for you to catch.",
        lambda it: isinstance(it.error, OSError | ValueError),
    )
    check.mistake(
        "The name `clients` was given to a new set. The caller has the old "
        "one, and nothing was removed from that.",
        lambda it: {dead, closed} <= clients,
    )
    check.call(broadcast, clients, b"still here\n")
    is_gone(check, clients, dead, "the client that has reset")
    is_gone(check, clients, closed, "the client that was closed before")
    for sock, peer in zip([first, last], peers, strict=True):
        stays(check, clients, sock, "a client that reads")
        has_it(check, peer, b"still here\n", "a client that reads")


def test_stalled(check):
    """Six clients: three never read, and one would need five seconds.

    The last two read: one at once, the other within a third of a second.
    """
    clients, six = sockets(check, 6)
    *stalled, slow, one, two = six
    stuck = check.peer(lab.never_reads(), "for nothing: it never reads")
    sluggish = check.peer(lab.reads_slowly())
    readers = [check.peer(lab.silent())]
    readers.append(check.peer(lab.reads_slowly(32_768, 0.01)))
    for sock in stalled:
        dial(sock, stuck)
    dial(slow, sluggish)
    for sock, peer in zip([one, two], readers, strict=True):
        dial(sock, peer)
    check.mistake(
        "It waits for a client that never reads. Its buffers are full, and "
        "`sendall` on a blocking socket waits until it reads: for ever.",
        lambda it: it.hung and all(sock in clients for sock in stalled),
    )
    check.mistake(
        "Each `send` was in time, and all of them together were not. The "
        "second is for the whole message, not for each of its parts.",
        lambda it: slow in clients and (it.hung or it.seconds > 1.5),
    )
    check.mistake(
        "A second was spent on each of those that do not read, one after the "
        "other. The second is for all of them together.",
        lambda it: it.hung or it.seconds > 1.5,
    )
    check.mistake(
        "Those that do not read took all the time, and nothing was left for "
        "those that do. Send to all at the same time: to whoever has room.",
        lambda it: not {one, two} <= clients,
    )
    check.mistake(
        "A socket that is removed from the set and stays open is lost: "
        "nobody will close it any more.",
        lambda it: any(sock.fileno() != -1 for sock in stalled),
    )
    with check.within(1, "that everybody is served"):
        check.call(broadcast, clients, LARGE)
    for sock, peer in zip([one, two], readers, strict=True):
        stays(check, clients, sock, "a client that reads")
        has_it(check, peer, LARGE, "a client that reads")
    for sock in stalled:
        is_gone(check, clients, sock, "a client that never reads")
    is_gone(check, clients, slow, "the client that reads slowly")
