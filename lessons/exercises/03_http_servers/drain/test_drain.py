"""Checks drain."""

import socket
import sys
import threading
import time

from drain import drain

from netbasics import lab
from netbasics.practice import Response
from netbasics.practice.check import CheckFailed, Running, raised

GET = b"GET /a?b=c HTTP/1.1\r\nHost: localhost\r\nX-Colour: red\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = (
    b"POST /notes HTTP/1.1\r\nHost: localhost\r\n"
    b"content-length: 13\r\n\r\nfirst\r\n\r\nlast"
)
CUT = (
    "A request that had begun to arrive was cut off at `stop`. If one byte has "
    "come, the rest has 2 s."
)
LONG = 5  # seconds for what should take no time


class Service:
    """The learner's `drain` in a thread, an app for it, and its clients."""

    def __init__(self, check):
        self.check = check
        self.stop = threading.Event()
        self.go = threading.Event()
        self.in_app = threading.Semaphore(0)
        self.asked = []
        self.state = ""  # what is the matter, for the mistakes
        listener = check.listener()
        self.address = listener.getsockname()
        check.called = "drain(<a listening socket>, app, <an Event>)"
        self.running = Running(drain, listener, self.app, self.stop)

    def app(self, method, target, headers, body):
        self.asked.append((method, target, headers, body))
        if target == "/slow":
            self.in_app.release()
            self.go.wait(2 * LONG)
        return Response(200, [("X-Number", "7")], b"you sent " + body)

    def client(self):
        return Client(self)

    def slow(self):
        """Return a client for whose request `app` takes its time."""
        client = self.client()
        client.feed(SLOW)
        self.in_time(self.in_app.acquire(timeout=LONG), "that `app` is called")
        return client

    def fail(self, expected, got, state=""):
        self.state = state
        if self.running.error is not None:
            self.crashed()
        if where := self.where():
            self.check.note(where)
        self.check.fail(expected, got)

    def in_time(self, holds, expected):
        if not holds:
            self.fail(expected, f"not within {LONG} s", "silent")

    def crashed(self):
        error = self.running.error
        raise CheckFailed("that it goes on", raised(error), error)

    def must_go_on(self, until, seconds=0.0):
        """It does not return before something, nor in so many seconds."""
        if self.running.join(seconds):
            self.fail(f"that it goes on until {until}", "it returned", "left")

    def where(self):
        """Say in which line it is waiting."""
        if not self.running.alive:
            return ""
        for frame in sys._current_frames().values():
            while frame is not None:
                if frame.f_code is drain.__code__:
                    return f"`drain` was in line {frame.f_lineno} by then."
                frame = frame.f_back
        return ""

    def refuses(self):
        """Wait until a new connection is refused."""
        due = time.monotonic() + 1
        while time.monotonic() < due:
            try:
                socket.create_connection(self.address, timeout=1).close()
            except OSError:
                return
            time.sleep(0.01)
        self.fail(
            "that `listener` is closed within 0.5 s of `stop`",
            "a new connection was still taken",
            "open",
        )

    def ends(self, within, since):
        """It returns so many seconds after a moment."""
        left = since + within + 0.5 - time.monotonic()
        if not self.running.join(max(left, 0.1)):
            what = f"that `drain` returns {within:g} s after {self.last}"
            self.fail(what, "it is still at work", "stays")
        if self.running.error is not None:
            self.crashed()

    last = "`stop` is set"


class Client:
    """A connection to the service."""

    def __init__(self, service):
        self.service = service
        self.sock = service.check.connect(service.address)
        self.is_accepted = False

    def accepted(self):
        """Wait until it is accepted."""
        due = time.monotonic() + LONG
        while not self.is_accepted:
            self.service.must_go_on("`stop` is set")
            in_time = time.monotonic() < due
            self.service.in_time(in_time, "that the connection is accepted")
            self.is_accepted = lab.taken(self.sock, timeout=0.1)

    def feed(self, data, size=16):
        """Send it in pieces, each when the one before is taken."""
        self.accepted()
        try:
            lab.feed(self.sock, lab.pieces_of(data, size))
        except TimeoutError:
            self.service.in_time(False, "that all of the request is read")
        except OSError as error:
            expected = "that the whole request is read"
            self.service.fail(expected, f"the client got {error}", "cut")

    def end(self, seconds):
        """Return what comes until the end, and whether the end came."""
        self.sock.settimeout(seconds)
        data = b""
        due = time.monotonic() + seconds
        try:
            while time.monotonic() < due:
                piece = self.sock.recv(65536)
                if not piece:
                    return data, True
                data += piece
        except TimeoutError:
            return data, False
        except OSError:
            return data, True
        return data, False

    def answered(self, body=b"you sent "):
        """The answer of the app comes, whole, and then the end."""
        service = self.service
        data, ended = self.end(LONG)
        if not data:
            got = "the connection was closed" if ended else "nothing"
            service.fail("an answer", got, "cut" if ended else "silent")
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        fits = lines[0].startswith(b"http/1.1 200") and rest == body
        length = b"content-length: %d" % len(body)
        for line in (b"connection: close", length, b"x-number: 7"):
            if line.replace(b" ", b"") not in [
                each.replace(b" ", b"") for each in lines
            ]:
                fits = False
                service.check.note(f"There is no `{line.decode()}`.")
        if not fits:
            expected = f"HTTP/1.1 200, headers, and the body {body!r}"
            service.fail(expected, f"{data!r:.300}", "answer")
        if not ended:
            expected = "that the connection is closed after the answer"
            service.fail(expected, "it stays open", "kept")


def test_nobody_is_there(check):
    """No client connects. `stop` is set."""
    service = Service(check)
    check.mistake(
        "It waits in `accept`, which returns when the next client comes, and "
        "never looks at `stop`. Give the listener a timeout, or wait with a "
        "selector.",
        lambda it: service.state == "stays",
    )
    service.stop.set()
    since = time.monotonic()
    service.ends(0.5, since)
    service.refuses()


def test_a_request(check):
    """A client asks by GET, one byte at a time. Then `stop` is set."""
    service = Service(check)
    check.mistake(
        "One `recv` was taken for the whole request. Read until the empty "
        "line, and then as much as Content-Length says.",
        lambda it: bool(service.running.alive and not service.asked),
    )
    client = service.client()
    client.feed(GET, 1)
    client.answered()
    asked = service.asked[0]
    headers = {name.lower(): value for name, value in asked[2]}
    check.equal((*asked[:2], asked[3]), ("GET", "/a?b=c", b""), "what app got")
    check.equal(headers.get("x-colour"), "red", "the header X-Colour")
    service.must_go_on("`stop` is set")
    service.stop.set()
    service.ends(0.5, time.monotonic())


def test_a_body(check):
    """A client asks by POST, one byte at a time; the body has empty lines."""
    service = Service(check)
    check.mistake(
        "`app` was called when the headers were there, and not all of the "
        "body. Content-Length says how much must come.",
        lambda it: service.asked and len(service.asked[0][3]) < 13,
    )
    client = service.client()
    client.feed(POST, 1)
    client.answered(b"you sent first\r\n\r\nlast")
    check.equal(service.asked[0][3], b"first\r\n\r\nlast", "the body app got")
    service.stop.set()
    service.ends(0.5, time.monotonic())


def test_side_by_side(check):
    """One client sends half a request, one leaves, the app is slow for one.

    A fourth client asks a quick question meanwhile.
    """
    service = Service(check)
    check.mistake(
        "`app` runs in the event loop and stops everything else there. "
        "`asyncio.to_thread` calls it elsewhere.",
        lambda it: service.state == "silent" and service.asked,
    )
    check.mistake(
        "One client is served at a time, and a slow one holds up all who "
        "come behind it. Give each connection a thread or a task.",
        lambda it: service.state == "silent",
    )
    half, gone = service.client(), service.client()
    half.feed(GET[:20])
    gone.feed(GET[:30])
    gone.sock.close()
    slow = service.slow()
    quick = service.client()
    quick.feed(GET)
    quick.answered()
    half.feed(GET[20:])
    half.answered()
    service.go.set()
    slow.answered()
    service.stop.set()
    service.ends(0.5, time.monotonic())


def test_connections_without_a_request(check):
    """Three clients have connected and say nothing. `stop` is set."""
    service = Service(check)
    check.mistake(
        "The connections that sent nothing are waited for, and they may stay "
        "silent for ever. While no byte has come, look at `stop` too: a "
        "timeout, a selector, or `shutdown` from another thread.",
        lambda it: service.state == "stays",
    )
    clients = [service.client() for _ in range(3)]
    for client in clients:
        client.accepted()
    service.stop.set()
    since = time.monotonic()
    for client in clients:
        data, ended = client.end(max(since + 1 - time.monotonic(), 0.05))
        if not ended:
            expected = "that a silent connection is closed 0.5 s after `stop`"
            service.fail(expected, "it is still open", "stays")
        check.equal(data, b"", "what a client got that sent nothing")
    service.ends(0.5, since)


def test_in_flight(check):
    """The app works for two clients. `stop` is set, and others dial."""
    service = Service(check)
    check.mistake(
        "It returned while a request was still being answered: whoever calls "
        "`drain` ends the program next, and the client never gets its answer.",
        lambda it: service.state == "left",
    )
    check.mistake(
        "The listener stays open while the old requests are finished. New "
        "clients connect and wait, for nobody. Close it first.",
        lambda it: service.state == "open",
    )
    slow = [service.slow(), service.slow()]
    service.stop.set()
    service.refuses()
    service.must_go_on("all requests have their answers", 0.2)
    service.go.set()
    for client in slow:
        client.answered()
    service.last = "the last answer"
    service.ends(0, time.monotonic())


def test_half_a_request(check):
    """A client has sent one byte, another half a body, when `stop` is set."""
    service = Service(check)
    check.mistake(CUT, lambda it: service.state in ("cut", "left"))
    begun, half = service.client(), service.client()
    begun.feed(GET[:1])
    half.feed(POST[:-6])
    service.stop.set()
    service.refuses()
    service.must_go_on("all requests have their answers", 0.2)
    begun.feed(GET[1:])
    begun.answered()
    half.feed(POST[-6:])
    half.answered(b"you sent first\r\n\r\nlast")
    service.last = "the last answer"
    service.ends(0, time.monotonic())


def test_two_seconds(check):
    """At `stop`, the app works for one client, and three have sent a byte.

    The first of the three falls silent, the second drips bytes for ever, the
    third sends its rest after 1.2 s.
    """
    service = Service(check)
    check.mistake(
        "The 2 s were given to each read, and a client that drips never uses "
        "them up. Count from `stop`, for all reads together, and look at the "
        "clock after each of them.",
        lambda it: service.state == "drips",
    )
    check.mistake(
        "Nothing ends a request that never becomes complete. After `stop` it "
        "has 2 s to arrive.",
        lambda it: service.state == "stays",
    )
    check.mistake(
        "After 2 s it did not wait for `app` any more. They are for the "
        "request to arrive; the answer takes as long as it takes.",
        lambda it: service.state == "left",
    )
    check.mistake(CUT, lambda it: service.state == "cut")
    slow = service.slow()
    silent, drips, late = (service.client() for _ in range(3))
    for client in (silent, drips, late):
        client.feed(GET[:4])
    silent.feed(GET[4:-1])
    service.stop.set()
    since = time.monotonic()
    while time.monotonic() < since + 1.2:
        dripped(drips)
    late.feed(GET[4:])
    late.answered()
    drips_ended = False
    while time.monotonic() < since + 2.5 and not drips_ended:
        drips_ended = dripped(drips)
    data, ended = silent.end(max(since + 2.5 - time.monotonic(), 0.05))
    what = "is closed 2 s after `stop`"
    if not ended:
        expected = f"that the connection that fell silent {what}"
        service.fail(expected, "it is still open", "stays")
    check.equal(data, b"", "what the client got that fell silent")
    if not drips_ended:
        expected = f"that the connection that drips {what}"
        service.fail(expected, "it is still open", "drips")
    service.must_go_on("the app has answered the last request", 0.4)
    service.go.set()
    slow.answered()
    service.last = "the last answer"
    service.ends(0, time.monotonic())


def dripped(client):
    """Send one more byte of a long header; say whether the end has come."""
    try:
        client.sock.settimeout(0.03)
        client.sock.sendall(b"/")
        return client.sock.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
