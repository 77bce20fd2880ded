"""Checks serve."""

import glob
import os
import random
import select
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from serve import serve

from netbasics import lab
from netbasics.practice.check import Outcome, Running, raised

PATIENCE = 2.0  # seconds in which a server on the same machine answers
MOST = 8 << 20
HELD = 1 << 20
SYSTEM = 2 << 20  # more than the system holds in sockets that are kept small
REST = 700_000  # bytes: more than the system holds, so the server has some
ONE_BY_ONE = (
    "While one client says nothing, the others are not served. A `recv` that "
    "waits keeps the whole loop waiting: give each client a thread, or ask a "
    "selector who has something to say."
)

SENDALL = (
    "The end of what the client sent is lost. A client that reads slowly, or "
    "has said that it sends no more, still wants what is left: send the rest, "
    "wait as long as it takes, and close then. (A `sendall` that runs into a "
    "timeout has sent a part, and nobody knows which.)"
)


class Server:
    """The learner's function in a thread of its own."""

    def __init__(self, check, listener):
        self.check = check
        self.address = listener.getsockname()
        self.stop = threading.Event()
        check.called = "serve(<a listening socket>, <an Event>)"
        self.running = Running(serve, listener, self.stop)
        self.lost = False
        self._step = 0

    def step(self, *mistakes):
        """Say what a failure from here on would mean: texts and conditions."""
        self._step += 1
        for text, when in mistakes:
            self.check.mistake(
                text,
                lambda it, now=self._step, when=when: (
                    now == self._step and when(it)
                ),
            )

    def lives(self, _outcome):
        """Whether it still serves: a condition for `step`."""
        return self.running.alive

    def look(self):
        """Fail if it has ended by itself."""
        if not self.running.alive:
            error = self.running.error
            self.check.outcome = Outcome(error=error)
            got = raised(error) if error else "it returned"
            self.check.fail("that it serves until `stop` is set", got)

    def connect(self, sock=None):
        """Return a new client's socket."""
        try:
            if sock is None:
                return self.check.connect(self.address)
            sock.connect(self.address)
        except OSError as error:
            self.look()
            self.check.fail("that a client can connect", f"{error!r}")
        return sock

    def finish(self, sock):
        """Say that no more will be sent."""
        with suppress(OSError):  # the server has closed: that will be seen
            sock.shutdown(socket.SHUT_WR)

    def take(self, sock, count=MOST, seconds=PATIENCE):
        """Return so many bytes, or fewer at the end, and whether it ended."""
        data = bytearray()
        due = time.monotonic() + seconds
        while len(data) < count and time.monotonic() < due:
            if select.select([sock], [], [], 0.02)[0]:
                try:
                    piece = sock.recv(min(65536, count - len(data)))
                except ConnectionError:
                    piece = b""
                if not piece:
                    return bytes(data), True
                data += piece
            else:
                self.look()
        return bytes(data), False

    def echo(self, sock, text, who="one client"):
        """Send something, and expect it back."""
        with suppress(ConnectionError):
            sock.sendall(text)
        got, _ = self.take(sock, len(text))
        self.look()
        self.check.equal(got, text, f"{who} gets back")

    def fill(self, sock, data, quiet=0.3):
        """Send until nobody takes any more; return how much was taken."""
        sock.setblocking(False)
        sent, since = 0, time.monotonic()
        while sent < len(data) and time.monotonic() - since < quiet:
            if select.select([], [sock], [], 0.02)[1]:
                try:
                    sent += sock.send(data[sent : sent + 65536])
                except ConnectionError:
                    self.lost = True
                    break
                since = time.monotonic()
            else:
                self.look()
        sock.setblocking(True)
        return sent

    def ended(self):
        """Set `stop` and say whether it returned in time."""
        self.stop.set()
        return self.running.join(0.5 + 0.5)


@contextmanager
def serving(check, listener=None):
    server = Server(check, listener or check.listener())
    yield server
    if not server.stop.is_set():
        server.look()
        server.stop.set()
    server.running.join(1)


def small(sock):
    """Let the system hold little for a socket."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 131_072)
    return sock


def is_idle(server, mistake, seconds=0.3):
    """Expect that hardly any time of the processor is used."""
    before = *runnable(), time.monotonic()
    for _ in range(4):
        time.sleep(seconds)
        after = *runnable(), time.monotonic()
        used, wanted, passed = (
            b - a for a, b in zip(before, after, strict=True)
        )
        share = used / passed
        # On a busy machine a loop without end does not get what it wants,
        # and it takes a while to see that.
        starved = wanted / passed > 0.75
        greedy = share > 0.25 or (starved and share > 0.05)
        if greedy or not starved:
            break
    server.step((mistake, lambda it: greedy))
    server.look()
    server.check.that(
        not greedy,
        "that it lets the processor rest while nothing happens",
        f"it used {share:.0%} of its time",
    )


def runnable():
    """Return seconds: what this process used, and what it would have used."""
    used = wanted = time.process_time()
    for name in glob.glob("/proc/self/task/*/schedstat"):
        with suppress(OSError), open(name) as file:
            wanted += int(file.read().split()[1]) / 1e9
    return used, wanted


def test_an_echo(check):
    """One client connects, sends twice, and reads what comes back."""
    with serving(check) as server:
        sock = server.connect()
        server.echo(sock, b"hello")
        server.step(
            (
                "One `recv` is not all that a client says. Go on until `recv` "
                "returns `b''`.",
                server.lives,
            )
        )
        server.echo(sock, b"and again")


def test_stop_with_nobody_there(check):
    """Nobody connects. After a moment `stop` is set."""
    with serving(check) as server:
        # It has surely begun when it has served somebody.
        with server.connect() as sock:
            server.echo(sock, b"hello")
        check.mistake(
            "It waits in `accept` for a client, and does not look at `stop`. "
            "Wait with a timeout: `settimeout`, or that of a selector.",
            server.lives,
        )
        in_time(check, server)


def in_time(check, server):
    """Set `stop`; expect that it returns."""
    ended = server.ended()
    where = "that it returns within 0.5 s after `stop` is set"
    check.that(ended, where, "it was still running after 1 s")
    check.outcome = Outcome(error=server.running.error)
    check.that(
        server.running.error is None,
        "that it returns when `stop` is set",
        f"it raised {server.running.error!r}",
    )


def test_a_half_close(check):
    """A client sends three lines, says that it sends no more, and reads."""
    text = b"one\ntwo\nthree\n"
    with serving(check) as server:
        sock = server.connect()
        sock.sendall(text)
        server.finish(sock)
        got, ended = server.take(sock)
        server.look()
        check.mistake(
            "The client has said that it sends no more, and got everything. "
            "Now it waits for the end: close its connection.",
            lambda it: got == text,
        )
        check.equal(got, text, "what comes back")
        check.that(ended, "that its connection is closed then", "it is open")


def test_a_silent_client(check):
    """One client connects and says nothing. A second one sends a line."""
    with serving(check) as server:
        server.connect()
        sock = server.connect()
        server.step((ONE_BY_ONE, server.lives))
        server.echo(sock, b"hello", "the second client")


def test_fifty_clients(check):
    """Fifty clients connect. Then the last one speaks first.

    When all have had their answer, they are silent for a moment.
    """
    with serving(check) as server:
        socks = [server.connect() for _ in range(50)]
        server.step((ONE_BY_ONE, server.lives))
        for number, sock in reversed(list(enumerate(socks, 1))):
            server.echo(sock, b"I am %d" % number, f"client {number}")
        is_idle(
            server,
            "Nothing happens, and the processor is busy: there is a loop that "
            "never waits. Let a selector, or a `recv` with a timeout, do the "
            "waiting; and ask whether a socket can be written to only while "
            "there is something to write, as nearly always it can.",
            seconds=0.2,
        )


def test_clients_that_are_gone(check):
    """One client resets its connection. Another sends much and is gone.

    A third one, which was there before, goes on.
    """
    with serving(check) as server:
        good, rude, gone = (server.connect() for _ in range(3))
        server.echo(rude, b"hello", "the client")
        check.mistake(
            "A client is gone, and that ended the server. `recv` and `send` "
            "may raise an OSError for each client: catch it, and close that "
            "client's socket only.",
            lambda it: isinstance(server.running.error, OSError),
        )
        rude.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        rude.close()
        with suppress(ConnectionError):
            gone.sendall(b"x" * 100_000)
        gone.close()
        for _ in range(5):
            server.echo(good, b"still there?", "the third client")
            server.echo(server.connect(), b"hello", "a new client")


def test_a_client_that_never_reads(check):
    """A client sends until nobody takes any more, and reads nothing.

    Others come and go meanwhile. In the end it says that it sends no more,
    and reads everything that it has sent.
    """
    data = memoryview(random.Random(5).randbytes(1 << 20) * (MOST >> 20))
    with serving(check, small(check.listener())) as server:
        before = server.connect()
        server.echo(before, b"hello")
        sock = server.connect(small(check.keep(socket.socket())))
        sent = server.fill(sock, data)
        check.note(f"The client could send {sent:,} bytes without reading any.")
        server.step((SENDALL, lambda it: server.lost))
        check.that(
            not server.lost,
            "that the client's connection stays open",
            "it was closed, while the client was slow to read",
        )
        server.step(
            (
                "One client does not read, so a `send` to it waits, and keeps "
                "all others waiting. Give each client a thread; or keep what "
                "it does not take, and send that when a selector says that it "
                "can.",
                server.lives,
            )
        )
        server.echo(before, b"still there?", "another client")
        server.echo(server.connect(), b"hello", "a new client")
        server.step(
            (
                "What the client does not read is kept, without a limit: the "
                "memory grows with every client that does not read. While it "
                "has not taken what it sent, read no more from it.",
                lambda it: sent > HELD + SYSTEM,
            )
        )
        check.that(
            sent <= HELD + SYSTEM,
            f"that at most {HELD:,} bytes are held for it, and the system "
            "holds less than that",
            f"the client could send {sent:,} bytes",
        )
        is_idle(
            server,
            "Nothing can be done for this client now, and the processor is "
            "busy. A selector tells again and again that there is something "
            "to read: while nothing is read from a client, do not ask.",
        )
        server.finish(sock)
        got, ended = server.take(sock, max(1, sent - REST), seconds=4.0)
        if not ended:  # a pause, in which the server comes upon the end
            time.sleep(0.3)
            rest, ended = server.take(sock, seconds=4.0)
            got += rest
        server.look()
        server.step(
            (SENDALL, lambda it: ended and len(got) < sent),
            (
                "The client has got everything. Now it waits for the end: "
                "close its connection.",
                lambda it: len(got) == sent and not ended,
            ),
        )
        check.equal(len(got), sent, "bytes that came back")
        check.that(got == data[:sent], "the bytes that were sent", "others")
        check.that(ended, "that its connection is closed then", "it is open")


@pytest.mark.parametrize("timeout", [None, 7.5])
def test_stop(check, timeout):
    """One client is silent, one sends and never reads. Then `stop` is set.

    The listener has no timeout; in a second round it has one, of 7.5 s.
    """
    listener = small(check.listener())
    listener.settimeout(timeout)
    before = listener.gettimeout(), os.get_blocking(listener.fileno())
    with serving(check, listener) as server:
        silent, stuck = server.connect(), server.connect()
        for sock in (silent, stuck):
            server.echo(sock, b"hello")
        if timeout is None:
            server.fill(small(stuck), memoryview(bytes(4 << 20)), 0.1)
        check.mistake(
            "`stop` is set, and it waits for clients: one of them will never "
            "speak, one never read. `shutdown` on a socket wakes the thread "
            "that waits for it; a timeout does as well.",
            lambda it: server.running.alive,
        )
        in_time(check, server)
        check_open(check, listener, before)
        for sock, who in ((silent, "silent"), (stuck, "stuck")):
            _, ended = server_end(sock)
            check.mistake(
                "It has returned, and the client's connection is open. Close "
                "all accepted sockets. (While a thread waits in `recv`, "
                "`close` alone ends nothing: `shutdown` comes first.)",
                lambda it, ended=ended: not ended,
            )
            check.that(ended, f"that the {who} client is closed", "it is open")
        accepts_no_more(check, listener)


def check_open(check, listener, before):
    check.mistake(
        "The listener was closed. It belongs to the caller. (`with listener` "
        "closes it, and so does the server of `asyncio.start_server`.)",
        lambda it: listener.fileno() < 0,
    )
    check.that(listener.fileno() >= 0, "that the listener is open", "closed")
    after = listener.gettimeout(), os.get_blocking(listener.fileno())
    check.mistake(
        "The listener has another timeout than before. Whoever changes it "
        "puts it back in the end, best in a `finally`. (A copy made by `dup` "
        "shares with it whether it blocks.)",
        lambda it: after != before,
    )
    check.equal(after[0], before[0], "the listener's timeout")
    check.equal(after[1], before[1], "whether the listener blocks")


def server_end(sock):
    """Read what there is; say whether the connection has ended."""
    sock.settimeout(0.3)
    size = 0
    try:
        while piece := sock.recv(65536):
            size += len(piece)
    except ConnectionError:
        return size, True
    except TimeoutError:
        return size, False
    return size, True


def accepts_no_more(check, listener):
    check.mistake(
        "A thread still accepts, although the function has returned. It takes "
        "clients away from whoever accepts next.",
        lambda it: True,
    )
    client = check.connect(listener.getsockname())
    accepted = lab.taken(client, timeout=0.15)
    check.that(
        not accepted,
        "that the next client is left for the caller to accept",
        "something else has accepted it",
    )
    listener.settimeout(0.3)
    try:
        listener.accept()[0].close()
    except TimeoutError:
        check.fail("that the caller can accept a client", "nobody was there")


def test_stop_is_set_already(check):
    """`stop` is set before the function is called."""
    listener = check.listener()
    stop = threading.Event()
    stop.set()
    check.mistake(
        "`stop` was set before the call, and it waits for somebody.",
        lambda it: it.hung,
    )
    with check.within(0.5, "that it returns"):
        check.call(serve, listener, stop)
