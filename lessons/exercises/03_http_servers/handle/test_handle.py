"""Checks handle."""

import select
import socket
import struct
import threading
import time

from handle import handle

from netbasics import lab
from netbasics.practice import Response
from netbasics.practice.check import CheckFailed, Running, raised

LONG = 5  # seconds for what should take no time
HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"


def get(target, *, last=False):
    more = CLOSE if last else b""
    return b"GET %s HTTP/1.1\r\n%s%s\r\n" % (target, HOST, more)


def post(target, headers, body):
    return b"POST %s HTTP/1.1\r\n%s%s\r\n\r\n%s" % (target, HOST, headers, body)


def fields(lines):
    pairs = [line.partition(":")[::2] for line in lines]
    return {name.lower(): value.strip() for name, value in pairs}


class Talk:
    """A connection to the learner's `handle`, from the client's side."""

    def __init__(self, check):
        self.check = check
        self.asked = []
        self.state = ""  # what is the matter, for the mistakes
        self.may_answer = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.sock = check.connect(listener.getsockname())
            self.server, _ = listener.accept()
        check.called = "handle(<a socket>, app)"
        self.data = b""
        self.ended = 0.0  # when the connection ended
        self.since = time.monotonic()
        self.running = Running(handle, self.server, self.app)

    def app(self, method, target, headers, body):
        self.asked.append((method, target, dict(headers), body))
        if target == "/error":
            raise LookupError("the app fails")
        if target == "/wait":
            self.may_answer.wait(2 * LONG)
        text = f"{method} {target} ".encode() + body
        return Response(200, [("X-Number", "7")], text)

    def fail(self, expected, got, state=""):
        self.state = state
        self.must_not_raise()
        self.check.fail(expected, got)

    def must_not_raise(self):
        error = self.running.error
        if error is not None:
            raise CheckFailed("that nothing is raised", raised(error), error)

    def send(self, data):
        """Send it in one piece."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            self.fail("that all is read", f"the client got {error}", "closed")

    def feed(self, data):
        """Send it one byte at a time."""
        try:
            pieces = lab.pieces_of(data)
            lab.feed(self.sock, pieces, check=self.must_not_raise)
        except TimeoutError:
            self.fail("that all is read", "it reads no more", "silent")
        except OSError as error:
            self.fail("that all is read", f"the client got {error}", "closed")

    def receive(self, due):
        """Take what comes next; False if nothing came in time."""
        left = max(due - time.monotonic(), 0)
        if self.ended or not select.select([self.sock], [], [], left)[0]:
            return False
        try:
            piece = self.sock.recv(65536)
        except OSError:
            piece = b""
        self.data += piece
        if not piece:
            self.ended = time.monotonic()
        return True

    def answer(self, status, body=None):
        """The next answer has this status and this body."""
        expected = f"an answer {status}"
        head, body_is = self.next_answer(expected)
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        got = f"{first}, with the body {body_is!r:.80}"
        self.headers = fields(lines)
        if words[:2] != ["HTTP/1.1", str(status)]:
            self.fail(expected, got, f"status {words[1:2]}")
        if body is not None and body_is != body:
            self.fail(f"the body {body!r:.80}", repr(body_is)[:80], "body")
        return self.headers

    def next_answer(self, expected):
        due = time.monotonic() + LONG
        while True:
            head, end, rest = self.data.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")[1:]
            if end:
                length = fields(lines).get("content-length", "")
                if not length.isdecimal():
                    self.fail("an answer with Content-Length", f"{head!r:.200}")
                if len(rest) >= int(length):
                    self.data = rest[int(length) :]
                    return head, rest[: int(length)]
            self.receive(min(due, time.monotonic() + 0.1))
            self.must_not_raise()
            if self.ended or time.monotonic() > due:
                got = repr(self.data)[:120] if self.data else "nothing"
                state = "closed" if self.ended else "silent"
                end = ", and then the end" if self.ended else f" for {LONG} s"
                self.fail(expected, got + end, state)

    def is_over(self):
        """Nothing more comes; the socket is closed, and `handle` returns."""
        due = time.monotonic() + LONG
        while not self.ended and time.monotonic() < due:
            self.receive(min(due, time.monotonic() + 0.1))
            if not self.running.alive:
                self.has_returned()  # and left the socket open, perhaps
        if self.data:
            self.fail("no other answer", repr(self.data)[:120], "more")
        if not self.ended:
            what = "that the connection is closed"
            self.fail(what, "it stays open", "open")
        self.has_returned()

    def has_returned(self):
        if not self.running.join(LONG):
            self.fail("that `handle` returns", "it does not", "runs")
        self.must_not_raise()
        if self.server.fileno() != -1:
            self.fail("that `sock` is closed", "it is open", "not closed")

    def was_asked(self, times):
        targets = [asked[1] for asked in self.asked]
        if len(targets) != times:
            self.fail(f"app is asked {times} times", f"for {targets}", "asked")

    def is_last(self):
        """The answer before says that it is the last one, and is it."""
        if self.headers.get("connection", "").lower() != "close":
            got = f"the headers {self.headers}"
            self.fail("`Connection: close` in the last answer", got)
        self.is_over()

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        linger = struct.pack("ii", 1, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()


def test_one_request(check):
    """The client asks once, one byte at a time, with `Connection: close`."""
    talk = Talk(check)
    check.mistake(
        "`sock` is yours, and nobody else closes it. Use it in a with-block.",
        lambda it: talk.state in ("open", "not closed"),
    )
    talk.feed(b"GET /a?b=c HTTP/1.1\r\nHost: localhost\r\nX-A:  b c \r\n")
    talk.feed(b"cOnnection: Close\r\n\r\n")
    headers = talk.answer(200, b"GET /a?b=c ")
    check.equal(headers.get("x-number"), "7", "the header X-Number")
    check.equal(talk.asked[0][:2], ("GET", "/a?b=c"), "method and target")
    sent = {name.lower(): value for name, value in talk.asked[0][2].items()}
    check.equal(sent.get("x-a"), "b c", "the header X-A that app got")
    talk.is_last()


def test_keep_alive(check):
    """The client asks, reads the answer, asks again, and then closes."""
    talk = Talk(check)
    check.mistake(
        "The connection was closed after the first answer. In HTTP/1.1 it "
        "stays open for the next request.",
        lambda it: talk.state == "closed",
    )
    talk.send(get(b"/1"))
    talk.answer(200, b"GET /1 ")
    talk.send(get(b"/2"))
    talk.answer(200, b"GET /2 ")
    talk.half_close()
    talk.is_over()
    talk.was_asked(2)


def test_pipelining(check):
    """The client sends three requests in one piece and ends its sending."""
    talk = Talk(check)
    check.mistake(
        "The requests came in one piece, and what was behind the first was "
        "thrown away. It belongs to the next: keep it.",
        lambda it: 0 < len(talk.asked) < 3,
    )
    body = post(b"/2", b"Content-Length: 5", b"hello")
    talk.send(get(b"/1") + body + get(b"/3"))
    talk.half_close()
    talk.answer(200, b"GET /1 ")
    talk.answer(200, b"POST /2 hello")
    talk.answer(200, b"GET /3 ")
    talk.is_over()


def test_a_body(check):
    """The client sends a body with an empty line in it, byte by byte."""
    talk = Talk(check)
    body = b"one\r\n\r\ntwo"
    talk.feed(post(b"/b", b"content-LENGTH: 10", body))
    talk.answer(200, b"POST /b " + body)
    talk.send(post(b"/c", b"Content-Length: 0", b"") + get(b"/d", last=True))
    talk.answer(200, b"POST /c ")
    talk.answer(200, b"GET /d ")
    talk.is_last()


def test_chunks(check):
    """The client sends a body in chunks, with an extension and a trailer."""
    talk = Talk(check)
    check.mistake(
        "The trailers, or the empty line behind the last chunk, were left, "
        "and became the beginning of the next request.",
        lambda it: talk.state.startswith("status") and len(talk.asked) == 1,
    )
    check.mistake(
        "The chunks were not decoded: `app` wants the body without the sizes.",
        lambda it: talk.asked and talk.asked[0][3] != b"hello, world wide",
    )
    head = b"transfer-encoding: Chunked"
    body = b"5\r\nhello\r\nC;a=b\r\n, world wide\r\n0\r\nX-Sum: 1\r\n\r\n"
    talk.feed(post(b"/c", head, body))
    talk.answer(200, b"POST /c hello, world wide")
    body = b"00a\r\n\r\n0\r\n\r\n1\r\n\r\n0\r\n\r\n"
    talk.send(post(b"/d", head, body) + get(b"/e", last=True))
    talk.answer(200, b"POST /d \r\n0\r\n\r\n1\r\n")
    talk.answer(200, b"GET /e ")
    talk.is_last()


def refuses(check, data):
    """The client sends this in one piece, and gets a 400 and the end."""
    talk = Talk(check)
    check.called = f"handle(<a socket>, app), and the client sent {data!r}"
    talk.send(data)
    talk.half_close()
    talk.answer(400)
    talk.was_asked(0)
    talk.is_last()


def test_length_and_chunks(check):
    """The client sends Content-Length with Transfer-Encoding: two ends."""
    talk = Talk(check)
    check.mistake(
        "There were two lengths, and one of them was chosen. A proxy in front "
        "may choose the other, and then the rest of the body is a request "
        "that it never saw. Refuse it: 400.",
        lambda it: talk.asked,
    )
    head = b"Content-Length: 30\r\nTransfer-Encoding: chunked"
    talk.send(post(b"/a", head, b"0\r\n\r\n" + get(b"/hidden")))
    talk.answer(400)
    talk.was_asked(0)
    talk.is_last()
    head = b"transfer-encoding: chunked\r\ncontent-length: 5"
    refuses(check, post(b"/a", head, b"0\r\n\r\n"))


def test_lengths(check):
    """The client sends lengths that are none, and two that differ."""
    check.mistake(
        "`int` reads more than digits: `+5`, `-0`, `0_5` and ` 5` as well, "
        "and other programs do not. Ask for ASCII digits.",
        lambda it: any(t in check.called for t in (": +5", ": -0", ": 0_5")),
    )
    for text in (b"+5", b"-0", b"0_5", b"5,5x", b"five", b"0x5", b"", b"\xb2"):
        refuses(check, post(b"/a", b"Content-Length: " + text, b"hello"))
    check.mistake(
        "Two lengths that differ were taken, and one of them was chosen.",
        lambda it: "Length: 6" in check.called,
    )
    head = b"Content-Length: 5\r\nContent-Length: 6"
    refuses(check, post(b"/a", head, b"hello!"))


def test_codings_and_chunks(check):
    """The client sends other codings, and chunks that are none."""
    check.mistake(
        "A coding that only has `chunked` in its name, or stands beside it, "
        "is another one. Compare the whole value.",
        lambda it: "Encoding: chunked" not in check.called,
    )
    for text in (b"gzip", b"xchunked", b"gzip, chunked", b"identity"):
        head = b"Transfer-Encoding: " + text
        refuses(check, post(b"/a", head, b"5\r\nhello\r\n0\r\n\r\n"))
    check.mistake(
        "`int(text, 16)` reads more than hexadecimal digits: `0x5`, `+5`, "
        "`-5` and `0_5` as well.",
        lambda it: "hello!!" not in check.called,
    )
    head = b"Transfer-Encoding: chunked"
    for text in (b"0x5", b"+5", b"-5", b"0_5", b"", b"g"):
        refuses(check, post(b"/a", head, text + b"\r\nhello\r\n0\r\n\r\n"))
    check.mistake(
        "Behind the data of a chunk there is a CRLF. It was skipped, and "
        "nobody looked whether it is one.",
        lambda it: True,
    )
    refuses(check, post(b"/a", head, b"5\r\nhello!!0\r\n\r\n"))


def test_heads(check):
    """The client sends first lines and headers that are none."""
    check.mistake(
        "A blank in front of the colon was stripped. Other programs ignore "
        "such a header, or take it for another: refuse it.",
        lambda it: "Length :" in check.called or "Length\\t:" in check.called,
    )
    for blank in (b" ", b"\t"):
        refuses(check, post(b"/a", b"Content-Length%s: 5" % blank, b"hello"))
    for first in (b"GET /a", b"GET  /a HTTP/1.1", b"GET /a b HTTP/1.1", b"GET"):
        refuses(check, first + b"\r\n" + HOST + b"\r\n")
    for line in (b"no colon", b": nothing", b" folded: x", b"a b: c"):
        refuses(check, b"GET /a HTTP/1.1\r\n%s%s\r\n\r\n" % (HOST, line))


def test_the_app_fails(check):
    """The client asks for something at which `app` raises."""
    talk = Talk(check)
    check.mistake(
        "What `app` raises ends the connection without a word, or the whole "
        "server. The client wants to know: 500.",
        lambda it: talk.state == "closed" or talk.running.error is not None,
    )
    talk.send(get(b"/error") + get(b"/next"))
    talk.answer(500)
    talk.was_asked(1)
    talk.is_last()


def test_clients_that_go(check):
    """The client closes at once, in a head, or in a body."""
    talks = []
    check.mistake(
        "The client closed before its request was complete, and `app` was "
        "asked all the same. A `recv` that returns `b''` is the end.",
        lambda it: any(talk.asked for talk in talks),
    )
    chunks = post(b"/a", b"Transfer-Encoding: chunked", b"5\r\nhello\r\n")
    half = post(b"/a", b"Content-Length: 9", b"hello")
    for data in (b"", b"GET /a HTTP/1.1\r\nHost: ", half, chunks):
        talk = Talk(check)
        talks.append(talk)
        talk.feed(data)
        talk.half_close()
        talk.has_returned()
        talk.was_asked(0)


def test_clients_that_reset(check):
    """The client resets the connection in a head, and before an answer."""
    talk = Talk(check)
    check.mistake(
        "A client that resets its connection is an OSError for `recv` and "
        "`sendall`. It is nothing that the caller could do anything about.",
        lambda it: isinstance(talk.running.error, OSError),
    )
    talk.feed(b"GET /a HT")
    talk.reset()
    talk.has_returned()
    talk = Talk(check)
    talk.send(get(b"/wait") + get(b"/2"))
    while not talk.asked and talk.running.alive:
        time.sleep(0.001)
    talk.reset()
    talk.may_answer.set()
    talk.has_returned()


def test_two_seconds(check):
    """Nine clients at once: some are too slow with a head, some are not.

    Two say nothing (one of them after an answer), two stop in a head, one
    drips it, one begins after 1.2 s and stops. One is complete after 1.4 s;
    for one the body, for another the app needs 2.6 s.
    """
    silent, again, half, stops, drips, late, slow, body, app = talks = [
        Talk(check) for _ in range(9)
    ]
    state = {}
    LIMITS = [
        ("drips", "Each read may take 2 s, and a client that drips never "
         "uses them up. Count from the beginning, for all reads together."),
        ("late", "The 2 s began with the first byte of the request. They "
         "begin when you begin to wait for it."),
        ("waits", "A client that stops in the middle of a head, or never "
         "begins, holds its connection for ever. That is a slow loris."),
        ("word", "A client that has sent nothing of a request has nothing to "
         "be told: just close. 408 is for a part of a request."),
        ("no 408", "A part of a request has come, so its client is told: 408."),
        ("early", "The 2 s are for the head alone. The body and the app may "
         "take any time."),
    ]  # fmt: skip
    for name, text in LIMITS:
        check.mistake(text, lambda it, name=name: state.get("is") == name)

    def fail(talk, what, expected, got):
        state["is"] = what
        talk.fail(expected, got)

    for talk in (again, stops):
        talk.send(get(b"/first"))
        talk.answer(200)
        talk.since = time.monotonic()
    half.send(get(b"/")[:-1])
    stops.send(b"G")
    slow.send(get(b"/")[:9])
    body.send(post(b"/", b"Content-Length: 5", b"he"))
    app.send(get(b"/wait"))
    drips.send(b"GET /")
    began = time.monotonic()
    blind = [0.0]

    def passes(until):
        """Let time pass; note what comes and when connections end."""
        last = time.monotonic()
        while (now := time.monotonic()) < began + until:
            # A machine that is busy elsewhere sees some ends late.
            blind[0] = max(blind[0], now - last)
            last = now
            if not drips.ended:
                try:
                    drips.sock.sendall(b"a")
                except OSError:
                    drips.ended = now
            for talk in talks:
                talk.receive(now)
            time.sleep(0.03)

    passes(1.2)
    late.send(b"G")
    passes(1.4)
    slow.send(get(b"/")[9:])
    passes(2.6)
    for talk, sent in (
        (half, "half a head"),
        (stops, "a byte of its second request"),
        (silent, "nothing"),
        (again, "nothing after its first answer"),
        (drips, "a head byte by byte"),
        (late, "a byte, after 1.2 s"),
    ):
        took = talk.ended - talk.since if talk.ended else 9
        what = f"that the connection that sent {sent} is closed after 2 s"
        if took > 2.5 + blind[0]:
            name = {drips: "drips", late: "late"}.get(talk, "waits")
            fail(talk, name, what, "it is open after 2.5 s")
        if took < 1.5:
            fail(talk, "", what, f"it was closed after {took:.1f} s")
    for talk in (silent, again):
        if talk.data:
            fail(talk, "word", "no word", f"{talk.data!r:.60}")
    for talk in (half, stops, late):
        if not talk.data.startswith(b"HTTP/1.1 408 "):
            fail(talk, "no 408", "an answer 408", f"{talk.data!r:.60}")
        talk.answer(408)
        talk.is_last()
    slow.answer(200, b"GET / ")
    for talk in (body, app):
        if talk.ended or talk.data:
            what = "that the connection stays open"
            fail(talk, "early", what, f"{talk.data!r:.40}, and then the end")
    state["is"] = "early"
    app.may_answer.set()
    app.answer(200, b"GET /wait ")
    app.send(get(b"/2", last=True))
    app.answer(200, b"GET /2 ")
    app.is_last()
    body.feed(b"llo")
    body.answer(200, b"POST / hello")
    body.half_close()
    body.is_over()
