"""Checks read_response."""

import pytest
from read_response import read_response

from netbasics import lab
from netbasics.practice import Response

NEXT = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
BODY = b"hello\r\n\r\nworld, it is me"
TEXT = [("Content-Type", "text/plain")]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
BY_LENGTH = HEAD + b"Content-Length: 24\r\n\r\n" + BODY
CHUNKS = b"7\r\nhello\r\n\r\nf\r\n\r\nworld, it is \r\n2\r\nme\r\n0\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS
OK = b"HTTP/1.1 200 OK\r\n"
INT = (
    "`int` takes more than digits: a sign, blanks, `_` between them, and with "
    "base 16 also `0x`. Another reader may take less, and see the end of the "
    "body elsewhere. Look at the digits before you convert them."
)
HALF = (
    "The peer closed before the end, and what had come by then was returned: "
    "half a response looks like a whole one. Only without a length and without "
    "chunks is closing the end."
)
SWALLOWED = (
    "It swallowed bytes of the next response: they were taken from the socket, "
    "perhaps into a buffer (that of `makefile` or of `http.client`), and the "
    "next reader will miss them."
)


def serves(check, raw, then="hold", timeout=None):
    """Return a socket whose peer sends this in one piece."""
    pieces = [raw] if isinstance(raw, bytes) else raw
    sock = check.connect(check.peer(lab.feeds(pieces, then=then)))
    sock.settimeout(timeout)
    return sock


def read(check, sock, status, headers, body):
    """Call it; this must be the response."""
    response = check.call(read_response, sock)
    check.that(
        isinstance(response, Response),
        "a Response (of netbasics.practice)",
        f"a {type(response).__name__}",
    )
    check.equal(response.status, status, "status")
    check.equal(bytes(response.body), body, "body")
    pairs = [tuple(pair) for pair in response.headers]
    check.equal(pairs, headers, "headers")


def left(check, sock, expected=NEXT):
    """Look what is left in the socket."""
    sock.settimeout(2)
    data = b""
    try:
        while len(data) < len(expected):
            piece = sock.recv(len(expected) - len(data))
            if not piece:
                break
            data += piece
    except TimeoutError:
        pass
    check.equal(data, expected, "what is left in the socket")


def unwatched(check):
    """Draw nothing: of ten thousand reads of a byte that takes seconds."""
    check.watch.stop()


def framing(*lines):
    return [*TEXT, *lines]


LENGTH_HEADERS = framing(("Content-Length", "24"))
CHUNKED_HEADERS = framing(("Transfer-Encoding", "chunked"))
BOTH_WAYS = pytest.mark.parametrize(
    ("raw", "headers"),
    [(BY_LENGTH, LENGTH_HEADERS), (CHUNKED, CHUNKED_HEADERS)],
    ids=["length", "chunked"],
)


def test_by_length(check):
    """The peer sends a response with a length, and keeps the connection."""
    sock = serves(check, BY_LENGTH)
    check.mistake(
        "It waits for the end of the connection, which does not come. "
        "`Content-Length` says how many bytes the body has.",
        lambda it: it.hung,
    )
    check.mistake(
        "The names of headers are to be returned as they were spelled.",
        lambda it: it.value.headers[0][0] != "Content-Type",
    )
    read(check, sock, 200, LENGTH_HEADERS, BODY)


def test_by_length_byte_by_byte(check):
    """The peer sends it one byte at a time; the socket has a timeout."""
    sock = serves(check, lab.pieces_of(BY_LENGTH), timeout=3)
    check.mistake(
        "One `recv` was taken for the whole response. It returns what is there "
        "by now.",
        lambda it: check.watch.record.counts()[1] < 10,
    )
    check.mistake(
        "The flag MSG_WAITALL leaves waiting to the system: with a timeout it "
        "returns what is there by then, and says nothing.",
        lambda it: isinstance(it.error, EOFError),
    )
    check.mistake(
        "One read was taken for all of the body. It returns what is there by "
        "now; go on until you have as many bytes as the length says.",
        lambda it: it.value.body == BODY[: len(it.value.body)],
    )
    read(check, sock, 200, LENGTH_HEADERS, BODY)


def test_until_the_end(check):
    """The peer says nothing of a length, sends byte by byte, and closes."""
    raw = OK + b"Content-Type: text/plain\r\n\r\n" + BODY
    sock = serves(check, lab.pieces_of(raw), "close")
    read(check, sock, 200, TEXT, BODY)


def test_chunks(check):
    """The peer sends three chunks, one byte at a time."""
    sock = serves(check, lab.pieces_of(CHUNKED))
    check.mistake(
        "The size of a chunk is in hexadecimal digits: `f` is 15.",
        lambda it: isinstance(it.error, ValueError),
    )
    read(check, sock, 200, CHUNKED_HEADERS, BODY)


@BOTH_WAYS
def test_nothing_more_is_taken(check, raw, headers):
    """The peer sends two responses in one piece; the first one is asked for."""
    sock = serves(check, raw + NEXT)
    read(check, sock, 200, headers, BODY)
    check.mistake(SWALLOWED, lambda it: it.value.body == BODY)
    left(check, sock)


def test_extensions_and_trailers(check):
    """The peer adds extensions and trailers to its chunks; then comes more."""
    chunks = (
        b"A;quality=0.5\r\n0123456789\r\n"
        b"00B;x\r\n---hello---\r\n000;last\r\n"
        b"X-Checksum: 77\r\nContent-Length: 3\r\n\r\n"
    )
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    sock = serves(check, head + chunks + NEXT)
    check.mistake(
        "Behind the size of a chunk there may be an extension, from a `;` on. "
        "It means nothing to you.",
        lambda it: isinstance(it.error, ValueError),
    )
    headers = [("Transfer-Encoding", "chunked")]
    read(check, sock, 200, headers, b"0123456789---hello---")
    check.mistake(
        "Behind the last chunk there were two trailers, lines like headers; "
        "then comes an empty line. All of that belongs to this response.",
        lambda it: it.value.status == 200,
    )
    left(check, sock)


@pytest.mark.parametrize("status", [204, 304])
def test_no_body(check, status):
    """The peer sends a status that has no body, and a length all the same."""
    phrase = {204: b"No Content", 304: b"Not Modified"}[status]
    head = b"HTTP/1.1 %d %s\r\nContent-Length: 1000\r\n\r\n" % (status, phrase)
    sock = serves(check, head + NEXT, timeout=1)
    check.mistake(
        f"A {status} has no body, whatever its headers say. (A 304 says how "
        "long the body would have been.)",
        lambda it: it.hung or it.value is None or it.value.body,
    )
    read(check, sock, status, [("Content-Length", "1000")], b"")
    left(check, sock)


def test_interim_responses(check):
    """The peer sends a 100 and a 103 before the real response."""
    raw = (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    )
    sock = serves(check, raw + BY_LENGTH + NEXT)
    check.mistake(
        "A 1xx comes before the real response, and is nothing but a head: "
        "read on.",
        lambda it: it.hung or it.value.status in (100, 103),
    )
    read(check, sock, 200, LENGTH_HEADERS, BODY)
    left(check, sock)


def test_headers(check):
    """The peer spells its headers as it likes, and some come twice."""
    raw = (
        b"HTTP/1.0 203\r\nsEt-cOOkie: a=1\r\nX-Empty:\r\n"
        b"X-Time:  12:30:00 \t\r\nX-Name: caf\xe9\r\nSet-Cookie:b=2\r\n"
        b"Set-Cookie: c=3\r\nCONTENT-length: 2\r\ncontent-LENGTH: 2\r\n\r\nok"
    )
    sock = serves(check, raw + NEXT, timeout=1)
    check.mistake(
        "The names of headers are the same in any case: this response has a "
        "length, `CONTENT-length`.",
        lambda it: isinstance(it.error, TimeoutError),
    )
    check.mistake(
        "A header may be there more than once, and a dictionary keeps only one "
        "of them.",
        lambda it: len(it.value.headers) < 8,
    )
    expected = [
        ("sEt-cOOkie", "a=1"),
        ("X-Empty", ""),
        ("X-Time", "12:30:00"),
        ("X-Name", "café"),
        ("Set-Cookie", "b=2"),
        ("Set-Cookie", "c=3"),
        ("CONTENT-length", "2"),
        ("content-LENGTH", "2"),
    ]
    read(check, sock, 203, expected, b"ok")
    left(check, sock)


def test_chunked_in_any_case(check):
    """The peer spells it `transfer-encoding: Chunked`."""
    raw = OK + b"transfer-encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    sock = serves(check, raw, timeout=1)
    check.mistake(
        "The names of headers are the same in any case, and `Chunked` is "
        "`chunked`.",
        lambda it: isinstance(it.error, TimeoutError | ValueError),
    )
    read(check, sock, 200, [("transfer-encoding", "Chunked")], b"ok")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 2",
        BY_LENGTH[:30],
        BY_LENGTH[:-24],
        BY_LENGTH[:-1],
        b"HTTP/1.1 100 Continue\r\n\r\n",
        *(CHUNKED[: CHUNKED.index(b"7\r\n") + count] for count in (0, 1, 6)),
        CHUNKED[: CHUNKED.index(b"f\r\n\r\n") - 2],
        CHUNKED[: CHUNKED.index(b"0\r\n\r\n")],
        CHUNKED[:-2],
        CHUNKED[:-2] + b"X-Checksum: 1\r\n",
    ],
    ids=lambda raw: str(len(raw)),
)
def test_a_close_too_early(check, raw):
    """The peer closes before the end of the response."""
    sock = serves(check, raw, "close")
    check.mistake(HALF, lambda it: isinstance(it.value, Response))
    check.mistake(
        "`recv` returns `b''` when the peer has closed: no more will come.",
        lambda it: it.hung,
    )
    check.mistake(
        "The peer closed before the end. That is an EOFError: nothing of what "
        "it sent was wrong.",
        lambda it: isinstance(it.error, ValueError | LookupError),
    )
    check.raises(EOFError, read_response, sock)


def test_a_timeout(check):
    """The peer sends half of a body and falls silent; there is a timeout."""
    sock = serves(check, BY_LENGTH[:-5], timeout=0.2)
    check.mistake(HALF, lambda it: isinstance(it.value, Response))
    check.raises(TimeoutError, read_response, sock)


def refused(check, raw):
    """This is no response, or an ambiguous one."""
    sock = serves(check, raw, "close")
    check.mistake(
        "It read on until the peer closed. What is wrong with this response "
        "shows before.",
        lambda it: isinstance(it.error, EOFError),
    )
    check.raises(ValueError, read_response, sock)


@pytest.mark.parametrize("value", ["+2", "2_0", "-2", "many", "0x2"])
def test_lengths_that_are_none(check, value):
    """The peer sends a `Content-Length` that is not just digits."""
    raw = OK + b"Content-Length: %s\r\n\r\n" % value.encode() + b"o" * 20
    check.mistake(INT, lambda it: not isinstance(it.error, ValueError))
    refused(check, raw)


@pytest.mark.parametrize("value", ["+2", "1_0", "0x2", "-2", "", "g"])
def test_chunk_sizes_that_are_none(check, value):
    """The peer sends a chunk whose size is not just hexadecimal digits."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"o" * (16 if value == "1_0" else 2)
    raw = head + value.encode() + b"\r\n" + chunk + b"\r\n0\r\n\r\n"
    check.mistake(INT, lambda it: value and not is_refused(it))
    refused(check, raw)


def is_refused(it):
    return isinstance(it.error, ValueError)


def test_two_lengths(check):
    """The peer sends two lengths, and they differ."""
    raw = OK + b"Content-Length: 5\r\ncontent-length: 2\r\n\r\nhello"
    check.mistake(
        "Two lengths that differ: nobody can tell which of them is true, and "
        "two programs will not choose the same.",
        lambda it: not is_refused(it),
    )
    refused(check, raw)


@pytest.mark.parametrize("length", [2, 12])
def test_length_and_chunks(check, length):
    """The peer sends a length and a chunked body at once."""
    head = OK + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % length
    check.mistake(
        "Two framings at once: a length, and chunks. Two programs that read "
        "them differently see different messages in the same bytes.",
        lambda it: not is_refused(it),
    )
    refused(check, head + b"\r\n2\r\nok\r\n0\r\n\r\n")


@pytest.mark.parametrize("coding", ["gzip", "gzip, chunked", "identity"])
def test_other_codings(check, coding):
    """The peer names a transfer coding that is not `chunked` alone."""
    head = OK + b"Transfer-Encoding: %s\r\n\r\n" % coding.encode()
    check.mistake(
        "The transfer coding is not known here: only `chunked` alone is. Who "
        "cannot decode it must not guess.",
        lambda it: not is_refused(it),
    )
    refused(check, head + b"2\r\nok\r\n0\r\n\r\n")


@pytest.mark.parametrize("end", [b"XX", b"\n\n", b"ok"])
def test_no_crlf_after_a_chunk(check, end):
    """The peer sends a chunk, and behind it something else than CRLF."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    check.mistake(
        "The two bytes after a chunk were not looked at. If they are no CRLF, "
        "the chunk is longer or shorter than its size says.",
        lambda it: not is_refused(it),
    )
    refused(check, head + b"2\r\nok" + end + b"0\r\n\r\n")


@pytest.mark.parametrize(
    "line",
    [b"SSH-2.0-OpenSSH_9.6", b"HTTP/1.1 abc", b"200 OK", b"HTTP/3 200 x"],
)
def test_no_status_line(check, line):
    """The peer sends something that does not begin with a status line."""
    check.mistake(
        "There was no status line. What does not begin with `HTTP/1.` and a "
        "status is no response.",
        lambda it: not is_refused(it),
    )
    refused(check, line + b"\r\nContent-Length: 0\r\n\r\n")


def test_no_colon(check):
    """The peer sends a header line without a colon."""
    check.mistake(
        "A line without a colon is no header.", lambda it: not is_refused(it)
    )
    refused(check, OK + b"Content-Length: 0\r\nnonsense\r\n\r\n")


def test_a_large_head(check):
    """The peer sends a head of 10,000 bytes, in many headers."""
    unwatched(check)
    fields = [(f"X-{number}", "x" * 100) for number in range(90)]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    raw = OK + lines.encode() + b"Content-Length: 2\r\n\r\nok"
    sock = serves(check, raw + NEXT)
    read(check, sock, 200, [*fields, ("Content-Length", "2")], b"ok")
    left(check, sock)


def test_a_head_without_end(check):
    """The peer sends 70,000 bytes of headers, and holds their end back."""
    unwatched(check)
    sock = serves(check, OK + b"X-More: of the same\r\n" * 3_200)
    check.mistake(
        "The head has passed 64 KiB. Do not wait for its end: it may never "
        "come, and all that comes has to be kept. No line was long, but all "
        "together were: the limit is for the whole head.",
        lambda it: it.hung,
    )
    check.raises(ValueError, read_response, sock)
