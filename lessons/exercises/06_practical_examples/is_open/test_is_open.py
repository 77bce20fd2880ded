"""Checks is_open."""

import socket
import sys

import pytest
from is_open import is_open

from netbasics import lab

FOR_EACH = (
    "It took a second for each address. `create_connection` gives the whole "
    "timeout to every address of a name; the second is for the whole call."
)


def test_somebody_accepts(check):
    """The peer accepts the connection, and never says a word."""
    peer = check.peer(lab.silent())
    check.mistake(
        "The peer accepted the connection: that is what open means. Do not "
        "wait for it to say something.",
        lambda it: it.hung or (it.value is False and peer.attempts),
    )
    check.mistake(
        "Nobody has connected. Whether somebody accepts is found out by "
        "`connect`.",
        lambda it: not peer.attempts,
    )
    check.returns(True, is_open, *peer.address)
    check.that(
        not b"".join(peer.seen),
        "that it sends nothing",
        f"it sent {b''.join(peer.seen)!r:.60}",
    )


def test_by_its_name(check):
    """The peer accepts on 127.0.0.1; it is asked for as localhost."""
    peer = check.peer(lab.silent())
    check.mistake(
        "A name may stand for several addresses. `localhost` can be ::1 and "
        "127.0.0.1, and the server may listen on one of them only.",
        lambda it: it.value is False,
    )
    check.returns(True, is_open, "localhost", peer.port)


def test_refused(check):
    """Nobody listens on the port: the connection is refused at once."""
    peer = check.peer(lab.refused())
    check.mistake(
        "That a port is taken does not mean that somebody accepts there. "
        "Whether somebody does is found out by `connect`.",
        lambda it: it.value is True,
    )
    check.mistake(
        "A refused connection is an answer: the port is closed. Catch the "
        "error and return False.",
        lambda it: isinstance(it.error, ConnectionRefusedError),
    )
    check.returns(False, is_open, *peer.address)


def test_an_unknown_name(check):
    """There is no host of that name."""
    check.mistake(
        "A name that nobody knows raises `socket.gaierror`, which is an "
        "`OSError` but no `ConnectionError`.",
        lambda it: isinstance(it.error, socket.gaierror),
    )
    check.returns(False, is_open, "no-such-host.invalid", 80)


@pytest.mark.skipif(sys.platform != "linux", reason="the fault is Linux only")
def test_silence(check, monkeypatch):
    """A name with two addresses; a connect to either is never answered."""
    peer = check.peer(lab.full_backlog(), "for nothing: it answers nobody")
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", peer.address)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address] * 2)
    check.mistake(
        "Nobody answers the connect, and without a timeout it waits for "
        "minutes. Give up after a second.",
        lambda it: it.hung,
    )
    check.mistake(
        "A connect that is not answered in time raises `TimeoutError`. That "
        "is an answer too: the port is not open.",
        lambda it: isinstance(it.error, TimeoutError),
    )
    check.mistake(FOR_EACH, lambda it: 1.5 < it.seconds < 3)
    with check.within(1, "an answer"):
        check.returns(False, is_open, "silent.example", peer.port)
