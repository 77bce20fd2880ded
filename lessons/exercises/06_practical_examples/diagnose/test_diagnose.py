"""Checks diagnose."""

import sys

import pytest
from diagnose import diagnose

from netbasics import lab
from netbasics.practice import Cause
from netbasics.practice.check import Running


def is_it(check, cause, peer):
    """Have the peer diagnosed, with a message that names the cause."""
    value = check.call(diagnose, peer.host, peer.port)
    check.equal(value, cause)


def reply(status):
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n"
    return f"{head}\r\n".encode()


@pytest.mark.parametrize(
    "status",
    ["200 OK", "404 Not Found", "503 Service Unavailable", "418 ", "200"],
)
def test_healthy(check, status):
    """The peer answers in HTTP, with some status, one byte at a time."""
    raw = lab.pieces_of(reply(status))
    peer = check.peer(lab.feeds(raw, after=b"\r\n\r\n"))
    check.mistake(
        "The status line came in pieces, and one `recv` was taken for all of "
        "it. Go on until the line has its end.",
        lambda it: it.value is not Cause.HEALTHY and status == "200 OK",
    )
    check.mistake(
        "A server that answers is healthy, whatever the status. Whether the "
        "page is there is another question.",
        lambda it: it.value is not Cause.HEALTHY,
    )
    is_it(check, Cause.HEALTHY, peer)


def test_only_the_status_line(check):
    """The peer sends a status line and a header, and then nothing more."""
    raw = b"HTTP/1.0 200 OK\r\nDate: today\r\n"
    peer = check.peer(lab.feeds([raw], then="hold", after=b"\r\n\r\n"))
    check.mistake(
        "The status line was there, and it waited for the headers. Whoever "
        "answers with a status line speaks HTTP: look no further.",
        lambda it: it.hung or it.value is not Cause.HEALTHY,
    )
    is_it(check, Cause.HEALTHY, peer)


def test_refused(check):
    """Nobody listens on the port."""
    is_it(check, Cause.REFUSED, check.peer(lab.refused()))


@pytest.mark.parametrize("words", [b"", b"HTTP/1."], ids=["at once", "later"])
def test_reset(check, words):
    """The peer resets the connection: at once, or within the status line."""
    if words:
        peer = check.peer(lab.feeds(lab.pieces_of(words), then="reset"))
    else:
        peer = check.peer(lab.resets_before())
    check.mistake(
        "The connection was reset: `ConnectionResetError`, perhaps "
        "`BrokenPipeError`. That is another end than closing in order.",
        lambda it: it.value is Cause.NOT_HTTP or it.error is not None,
    )
    check.mistake(
        "That a TLS handshake fails does not show that the peer speaks TLS. "
        "Only a handshake that succeeds does.",
        lambda it: it.value is Cause.TLS,
    )
    is_it(check, Cause.RESET, peer)


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200"], ids=["", "half a line"]
)
def test_closed(check, said):
    """The peer closes in order: without a word, or within the status line."""
    if said:
        peer = check.peer(lab.feeds(lab.pieces_of(said)))
    else:
        peer = check.peer(lab.closes_unasked())
    check.mistake(
        "The peer closed in order: `recv` returned `b''`. A reset is another "
        "thing, and raises ConnectionResetError.",
        lambda it: it.value is Cause.RESET,
    )
    check.mistake(
        "The peer closed before its status line had an end. Half a line is "
        "no answer.",
        lambda it: it.value is Cause.HEALTHY,
    )
    check.mistake(
        "The peer has closed: `recv` returns `b''`, and does so for ever.",
        lambda it: it.hung or it.value is Cause.TIMEOUT,
    )
    check.mistake(
        "That a TLS handshake fails does not show that the peer speaks TLS. "
        "Only a handshake that succeeds does.",
        lambda it: it.value is Cause.TLS,
    )
    is_it(check, Cause.NOT_HTTP, peer)


@pytest.mark.parametrize(
    "line",
    [
        b"220 mail.example.com ESMTP ready\r\n",
        b"ICY 200 OK\r\n",
        b"HTTP/1.1 fine\r\n",
        b"HTTPS 200 OK\n",
    ],
)
def test_another_protocol(check, line):
    """The peer sends a line that is no status line, and hangs up."""
    peer = check.peer(lab.feeds([line]))
    check.mistake(
        "That a TLS handshake fails does not show that the peer speaks TLS. "
        "Only a handshake that succeeds does.",
        lambda it: it.value is Cause.TLS,
    )
    check.mistake(
        "That is no status line: it has a version, HTTP/1.0 or HTTP/1.1, a "
        "space, and three digits.",
        lambda it: it.value is Cause.HEALTHY,
    )
    is_it(check, Cause.NOT_HTTP, peer)


@pytest.mark.parametrize("plain", ["closes", "alerts", "resets"])
def test_tls(check, plain):
    """The peer speaks TLS. To plain HTTP: it closes, sends an alert, resets."""
    peer = check.peer(lab.tls_only(plain))
    check.mistake(
        "Some TLS servers answer plain text with a reset. So a reset does not "
        "yet show what it is: try a TLS handshake as well.",
        lambda it: it.value is Cause.RESET,
    )
    check.mistake(
        "It connected a second time, and no TLS handshake was completed. The "
        "certificate is signed by nobody you know: do not have it checked. "
        "Here the question is only whether the peer speaks TLS.",
        lambda it: it.value is Cause.NOT_HTTP and peer.attempts > 1,
    )
    check.mistake(
        "It does not speak HTTP, but that is not all there is to find out: "
        "try a TLS handshake, on a second connection.",
        lambda it: it.value is Cause.NOT_HTTP,
    )
    is_it(check, Cause.TLS, peer)


@pytest.mark.skipif(sys.platform != "linux", reason="the fault is Linux only")
def test_two_seconds(check):
    """Five peers at once: silent, dripping, not connecting, late, half TLS.

    The late one answers after 1.5 s and is healthy. The last one closes at
    plain HTTP, after 1 s, and says nothing to a TLS hello.
    """
    silent = check.peer(lab.silent(), "for nothing: it never answers")
    others = {
        "the one that drips": (
            check.peer(lab.dripping(0.25, headers=True)),
            Cause.TIMEOUT,
        ),
        "the one that never answers a connect": (
            check.peer(lab.full_backlog()),
            Cause.TIMEOUT,
        ),
        "the one that answers after 1.5 s": (
            check.peer(lab.slow(1.5)),
            Cause.HEALTHY,
        ),
        "the one that closes after 1 s": (
            check.peer(lab.paced([b""], 1)),
            Cause.NOT_HTTP,
        ),
    }
    runs = {
        name: Running(diagnose, peer.host, peer.port)
        for name, (peer, _) in others.items()
    }
    check.mistake(
        "The peer never answers, and without a timeout there is no end.",
        lambda it: it.hung,
    )
    with check.within(2, "an answer"):
        is_it(check, Cause.TIMEOUT, silent)
    check.mistake(
        "A timeout is for a single wait, and each byte and each connection "
        "begins a new one. Work out anew what is left of the two seconds, "
        "before each wait.",
        lambda it: any(run.alive for run in runs.values()),
    )
    for name, run in runs.items():
        check.that(
            run.join(0.5),
            f"an answer within 2 s about {name}",
            "there is none yet",
        )
    for name, run in runs.items():
        if run.error is not None:
            raise run.error
        check.equal(run.value, others[name][1], name)
