"""Checks tunnel."""

import random
import re
import select
import socket
import struct
import time
from contextlib import suppress

import pytest
from tunnel import tunnel

from netbasics import lab
from netbasics.practice.check import Outcome, Running

HEAD = (
    b"CONNECT www.example.com:443 HTTP/1.1\r\n"
    b"Host: www.example.com:443\r\nUser-Agent: check\r\n\r\n"
)
PATIENCE = 2  # seconds
ONE_RECV = (
    "One `recv` was taken for the whole head. It comes in pieces; its end is "
    "the empty line."
)
HALF = (
    "When one side has ended its sending, the other direction still goes on. "
    "Pass the end on with `shutdown(SHUT_WR)`, and close nothing yet."
)


class Scene:
    """A browser, the tunnel that runs for it, and what it asked `connect`."""

    def __init__(self, check, peer=None, timeout=None):
        self.check, self.peer, self.timeout = check, peer, timeout
        self.asked, self.made = [], []
        self.got, self.ended = b"", False
        listener = check.listener()
        self.browser = check.connect(listener.getsockname())
        self.browser.settimeout(PATIENCE)
        self.client = check.keep(listener.accept()[0])
        self.client.settimeout(timeout)
        check.called = "tunnel(<the socket of a client>, connect)"
        self.run = Running(tunnel, self.client, self.connect)

    def connect(self, host, port):
        self.asked.append((host, port))
        if isinstance(self.peer, OSError):
            raise self.peer
        sock = self.check.connect(self.peer)
        sock.settimeout(self.timeout)
        self.made.append(sock)
        return sock

    def feed(self, data):
        """Send byte by byte, as long as the tunnel takes it."""

        def alive():
            if not self.run.alive:
                raise EOFError

        with suppress(EOFError, OSError):
            lab.feed(self.browser, lab.pieces_of(data), check=alive)

    def more(self):
        """Take what comes next; as long as the tunnel has a chance to send."""
        end = time.monotonic() + PATIENCE
        while True:
            last = not self.run.alive or time.monotonic() > end
            if select.select([self.browser], [], [], 0.05)[0]:
                break
            if last:
                raise TimeoutError
        try:
            piece = self.browser.recv(65_536)
        except ConnectionResetError:
            piece = b""
        self.ended = not piece
        self.got += piece

    def head(self):
        """The head of the answer; what came behind it stays in `got`."""
        with suppress(TimeoutError):
            while b"\r\n\r\n" not in self.got and not self.ended:
                self.more()
        head, empty, self.got = self.got.partition(b"\r\n\r\n")
        return head + empty

    def establish(self, head=HEAD):
        self.browser.sendall(head)
        self.established()

    def established(self):
        head = self.head()
        self.look()
        if not re.match(rb"HTTP/1\.1 200[ \r]", head) or head[-4:] != (
            b"\r\n\r\n"
        ):
            self.check.fail(
                "that the client gets `HTTP/1.1 200 ...` and an empty line",
                f"it got {head!r:.90}" if head else "it got nothing",
            )

    def rest(self, size=None):
        """What the client gets, up to the end or so many bytes."""
        try:
            while not self.ended and (size is None or len(self.got) < size):
                self.more()
        except TimeoutError:
            if size is None:
                self.look()
                self.check.note("Nothing more came, and no end.")
                self.check.fail(
                    "that the client is told the end", f"{self.got!r:.60}"
                )
        return self.got

    def gets(self, expected, size=None):
        got = self.rest(size)
        self.look()
        if got != expected:
            self.check.fail(
                f"that the client gets {len(expected):,} bytes, "
                f"{expected!r:.60}",
                f"{len(got):,} bytes, {got!r:.60}",
            )

    def look(self):
        """Raise what the tunnel raised, if it did."""
        if self.run.error is not None:
            raise self.run.error

    def returned(self):
        """Wait for its end; if there is none, the watchdog says where it is."""
        if not self.run.join(PATIENCE):
            self.check.outcome = Outcome(hung=True)
            self.run.join(60)
        self.look()
        check = self.check
        check.that(
            self.client.fileno() != -1,
            "that `client` stays open for its owner",
            "it is closed",
        )
        check.that(
            all(sock.fileno() == -1 for sock in self.made),
            "that what `connect` returned is closed",
            "it is still open",
        )


def refused(scene, status):
    """The client gets this status and then the end; nothing else happens."""
    got = scene.rest()
    scene.look()
    head, _, _ = got.partition(b"\r\n\r\n")
    scene.check.that(
        re.match(rb"HTTP/1\.[01] %d([ \r]|$)" % status, head)
        and b"\r\n\r\n" in got,
        f"that the client gets a {status}",
        f"it got {got!r:.90}",
    )
    scene.returned()


def test_a_tunnel(check):
    """The client sends a head at once. The server greets, and both close."""
    scene = Scene(check, check.peer(lab.feeds([b"hello"])))
    check.mistake(
        "The port in the head is text. `connect` wants an int.",
        lambda _: isinstance(scene.asked[0][1], str),
    )
    check.mistake(
        "The server speaks first, and nobody listens to it. Both directions "
        "run at the same time: two threads, two tasks, or a selector.",
        lambda _: scene.made and b"hello" not in scene.got,
    )
    check.mistake(
        "The server has ended its sending, and the client was not told: it "
        "waits for more. Pass the end on, by `shutdown(SHUT_WR)`.",
        lambda _: scene.made and scene.run.alive,
    )
    check.mistake(
        "`client` belongs to whoever called; its owner closes it. Tell it the "
        "end by `shutdown(SHUT_WR)`.",
        lambda _: scene.client.fileno() == -1,
    )
    check.mistake(
        "Nobody will close that socket any more: it was made for this tunnel. "
        "Use `with`.",
        lambda _: not scene.run.alive and scene.made[0].fileno() != -1,
    )
    scene.establish()
    scene.gets(b"hello")
    scene.browser.shutdown(socket.SHUT_WR)
    scene.returned()
    check.equal(scene.asked, [("www.example.com", 443)], "asked of connect")


def test_the_head_in_pieces(check):
    """The client sends its head one byte at a time."""
    scene = Scene(check, check.peer(lab.feeds([b"hello"])))
    check.mistake(ONE_RECV, lambda _: True)
    scene.feed(HEAD)
    scene.established()
    scene.gets(b"hello")
    scene.browser.shutdown(socket.SHUT_WR)
    scene.returned()


def test_an_ipv6_address(check):
    """The client asks for [::1]:8443."""
    scene = Scene(check, check.peer(lab.feeds([b"hello"])))
    check.mistake(
        "In a head an IPv6 address has brackets, to keep its colons from that "
        "of the port; the port is behind the last colon.",
        lambda _: True,
    )
    scene.establish(b"CONNECT [::1]:8443 HTTP/1.1\r\n\r\n")
    scene.gets(b"hello")
    check.equal(scene.asked, [("::1", 8443)], "asked of connect")


def test_early_bytes(check):
    """Behind its head, in the same piece, the client sends its first words."""
    scene = Scene(check, check.peer(lab.hears_out(bytes.upper)))
    check.mistake(
        "What the client sent behind its head is lost: it was read together "
        "with the head. (A file from `makefile` reads ahead as well.) It "
        "belongs to the other side.",
        lambda _: b"LATE" in scene.got,
    )
    check.mistake(HALF, lambda _: scene.ended)
    check.mistake(
        "The client has ended its sending, and the server was not told: it "
        "waits for more. Pass the end on, by `shutdown(SHUT_WR)`.",
        lambda _: True,
    )
    scene.establish(HEAD + b"early\r\n\r\n")
    scene.browser.sendall(b"and late")
    scene.browser.shutdown(socket.SHUT_WR)
    scene.gets(b"EARLY\r\n\r\nAND LATE")
    scene.returned()


def test_the_client_ends_first(check):
    """The client sends much and ends its sending; then the server answers."""
    data = random.Random(64).randbytes(900_000)
    scene = Scene(check, check.peer(lab.hears_out()))
    check.mistake(HALF, lambda _: True)
    scene.establish()
    scene.browser.sendall(data)
    scene.browser.shutdown(socket.SHUT_WR)
    scene.gets(data)
    scene.returned()


def test_the_server_ends_first(check):
    """The server greets and ends its sending; then the client sends much."""
    data = random.Random(65).randbytes(900_000)
    scene = Scene(check, check.peer(lab.speaks_out(b"I listen.")))
    check.mistake(HALF, lambda _: True)
    scene.establish()
    scene.gets(b"I listen.")
    with suppress(OSError):
        scene.browser.sendall(data)
        scene.browser.shutdown(socket.SHUT_WR)
    scene.returned()
    scene.peer.wait_for_bytes(len(data), PATIENCE)
    got = b"".join(scene.peer.seen)
    check.that(
        got == data,
        f"that the server gets all {len(data):,} bytes",
        f"it got {len(got):,}",
    )


def test_any_bytes_in_drips(check):
    """Both sides send all kinds of bytes, one at a time."""
    data = bytes(range(256))
    scene = Scene(
        check, check.peer(lab.feeds(lab.pieces_of(data), then="hold"))
    )
    scene.establish()
    scene.gets(data, size=256)
    scene.feed(data)
    scene.peer.wait_for_bytes(len(data), PATIENCE)
    scene.look()
    check.equal(b"".join(scene.peer.seen), data, "what the server got")
    scene.browser.close()


def test_idle(check):
    """Both sockets have a timeout of 0.1 s, and nobody speaks for 0.4 s."""
    scene = Scene(check, check.peer(lab.hears_out()), timeout=0.1)
    check.mistake(
        "That nobody has spoken for a while is no reason to end. Sockets bring "
        "their timeouts along, as from `create_connection(timeout=...)`: set "
        "them to None.",
        lambda _: True,
    )
    scene.establish()
    scene.browser.sendall(b"after a while, ")
    time.sleep(0.4)
    with suppress(OSError):
        scene.browser.sendall(b"some more")
        scene.browser.shutdown(socket.SHUT_WR)
    scene.gets(b"after a while, some more")
    scene.returned()


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://www.example.com/ HTTP/1.1",
        b"POST www.example.com:443 HTTP/1.1",
        b"CONNECT www.example.com HTTP/1.1",
        b"CONNECT www.example.com:https HTTP/1.1",
        b"CONNECT www.example.com:+443 HTTP/1.1",
        b"CONNECT www.example.com: HTTP/1.1",
        b"CONNECT www.example.com:0 HTTP/1.1",
        b"CONNECT www.example.com:65536 HTTP/1.1",
        b"CONNECT :443 HTTP/1.1",
    ],
)
def test_another_request(check, line):
    """The client asks for something that is no tunnel, or has no sense."""
    scene = Scene(check, check.peer(lab.silent()))
    check.note(f"It asked: {line.decode()}")
    check.mistake(
        "`connect` was called for a request that should have got a 400.",
        lambda _: scene.asked,
    )
    check.mistake(
        "What the client sends may be anything. What `int` or unpacking makes "
        "of it is a ValueError, and the answer is a 400.",
        lambda _: isinstance(scene.run.error, ValueError | IndexError),
    )
    scene.browser.sendall(line + b"\r\nHost: www.example.com\r\n\r\n")
    refused(scene, 400)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        socket.gaierror(-2, "unknown name"),
        TimeoutError("no answer"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nobody_there(check, error):
    """The server cannot be reached: `connect` raises an OSError."""
    scene = Scene(check, error)
    check.note(f"`connect` raised {error!r}.")
    check.mistake(
        "All that a connect raises is an OSError: refused, too late, an "
        "unknown name. For each of them the client gets a 502.",
        lambda _: isinstance(scene.run.error, OSError),
    )
    scene.browser.sendall(HEAD)
    refused(scene, 502)


@pytest.mark.parametrize("how", ["ends", "resets"])
def test_half_a_head(check, how):
    """The client goes away (an orderly end, or a reset) within its head."""
    scene = Scene(check, check.peer(lab.silent()))
    check.mistake(
        "The client has gone: `recv` returns `b''`, and will do so for ever. "
        "There is nobody left to answer. Return.",
        lambda it: it.hung,
    )
    scene.feed(HEAD[:50])
    if how == "resets":
        linger = struct.pack("ii", 1, 0)
        scene.browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        scene.browser.close()
    else:
        scene.browser.shutdown(socket.SHUT_WR)
    scene.returned()
    check.equal(scene.asked, [], "asked of connect")
    if how == "ends":
        scene.client.close()
        check.equal(scene.rest(), b"", "what the client got")


@pytest.mark.parametrize("who", ["server", "client"])
def test_a_reset(check, who):
    """One side resets its connection; the other one waits and says nothing."""
    words = lab.feeds([b"hello"], then="reset", after=b"bye")
    scene = Scene(check, check.peer(words if who == "server" else lab.silent()))
    check.mistake(
        "One connection was reset, and the direction that waits for the other "
        "one was not ended: it waits for ever. Wake it, by "
        "`shutdown(SHUT_RDWR)` on both sockets.",
        lambda it: it.hung or scene.run.alive,
    )
    check.mistake(
        "A reset raises ConnectionResetError, or BrokenPipeError for whoever "
        "sends. Connections end like that every day; it is not the caller's "
        "concern.",
        lambda _: isinstance(scene.run.error, BaseException),
    )
    scene.establish()
    if who == "server":
        scene.browser.sendall(b"bye")
        scene.rest()
    else:
        linger = struct.pack("ii", 1, 0)
        scene.browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        scene.browser.close()
    scene.returned()


def test_a_reader_that_does_not_read(check):
    """The server sends without end, and the client does not read.

    Meanwhile the client says fifty words, which the server reads.
    """
    listener = check.listener()
    scene = Scene(check, listener.getsockname())
    for sock in (scene.client, scene.browser):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    scene.establish()
    server = check.keep(listener.accept()[0])
    check.mistake(
        "It waits in `sendall` for the client, which does not read, and so "
        "nobody listens to what the client says. The directions must not wait "
        "for each other: two threads, or send only what there is room for.",
        lambda _: scene.run.alive,
    )
    for number in range(50):
        server.settimeout(0)
        with suppress(BlockingIOError):
            while True:
                server.send(bytes(65_536))
        word = b"word %d" % number
        scene.browser.sendall(word)
        server.settimeout(PATIENCE)
        got = b""
        with suppress(OSError):
            got = server.recv(100)
        scene.look()
        check.equal(got, word, "what the server got")
    scene.browser.close()
