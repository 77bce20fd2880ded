"""Checks get."""

import sys

import pytest
from get import get

from netbasics import lab

BODY = b"all is well\n" * 20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
THEIRS = (
    "The library has an exception of its own for this, and `except "
    "TimeoutError` does not catch it. Catch it yourself, and raise the "
    "builtin one."
)


def theirs(it):
    """A library's own exception for `too late`."""
    text = f"{type(it.error).__name__} {it.error}".lower()
    late = "timed out" in text or "timeout" in text
    return late and not isinstance(it.error, TimeoutError)


def in_time(check, total, url):
    """The call must end when its time is over: not later, and not before."""
    with check.within(total, "that it gives up"):
        check.raises(TimeoutError, get, url, total)
    check.that(
        check.outcome.seconds > total - 0.1,
        f"that it uses its {total:g} s",
        f"it gave up after {check.outcome.seconds:.2f} s",
    )


def test_a_document(check):
    """The server sends an answer, and keeps the connection open."""
    answer = HEAD % len(BODY) + b"\r\n" + BODY
    peer = check.peer(lab.paced([answer], 0, then="hold"))
    check.mistake(
        "The body was complete: it had as many bytes as `Content-Length` says. "
        "Nothing more comes after that, not even the end of the connection.",
        lambda it: it.hung or isinstance(it.error, TimeoutError),
    )
    check.returns(BODY, get, peer.url + "/file", 2)


@pytest.mark.parametrize("status", [404, 503])
def test_an_error(check, status):
    """The server answers at once, with an error and a page about it."""
    site = check.peer(lab.origin())
    site.put("/file", b"sorry\n", status=status)
    check.mistake(
        "An error was taken for an answer. Some libraries return any status: "
        "look at it.",
        lambda it: it.value == b"sorry\n",
    )
    error = check.raises(OSError, get, site.url + "/file", 2)
    check.that(
        not isinstance(error, TimeoutError),
        "an OSError that is no TimeoutError",
        "it raised TimeoutError, though the answer came at once",
    )


def test_half_a_body(check):
    """The server closes in the middle of the body."""
    peer = check.peer(lab.cut_off(BODY))
    check.mistake(
        "Half a body was taken for the whole. Count: `Content-Length` says how "
        "much has to come. Reading in pieces, `http.client` does not count.",
        lambda it: BODY.startswith(it.value),
    )
    check.raises(EOFError, get, peer.url + "/file", 2)


def test_no_connection(check):
    """Nobody takes the call: the connection is never made."""
    if sys.platform != "linux":
        return  # only there the peer can be made
    peer = check.peer(lab.full_backlog())
    check.mistake(THEIRS, theirs)
    check.mistake(
        "To connect takes its time too, and can take minutes. It counts.",
        lambda it: it.hung,
    )
    in_time(check, 0.3, f"http://{peer.host}:{peer.port}/file")


def test_slow_and_in_time(check):
    """The server sends its answer in ten pieces, which takes 0.2 seconds."""
    answer = HEAD % len(BODY) + b"\r\n" + BODY
    pieces = lab.pieces_of(answer, len(answer) // 10 + 1)
    peer = check.peer(lab.paced(pieces, 0.02))
    check.returns(BODY, get, peer.url + "/file", 3)


def test_headers_that_drip(check):
    """The server sends its headers byte by byte, which takes three seconds."""
    answer = HEAD % len(BODY) + b"\r\n"
    pieces = [*lab.pieces_of(answer), BODY]
    peer = check.peer(lab.paced(pieces, 3 / len(answer)))
    check.mistake(THEIRS, theirs)
    check.mistake(
        "Each byte starts the timeout of a single read anew, so it lasts for "
        "as many times as there are bytes. What is needed is one point in time "
        "for the whole call, and at each wait only what is left until then.",
        lambda it: it.hung or it.value == BODY,
    )
    check.mistake(
        "It did give up, but not in time. Reading the headers has to end in "
        "time too, not only reading the body. (If it has a pool of threads: "
        "the end of its `with` waits for its threads, whatever "
        "`result(timeout=...)` says.)",
        lambda it: isinstance(it.error, TimeoutError) and it.seconds > 0.8,
    )
    in_time(check, 0.3, peer.url + "/file")


def test_headers_that_drip_and_a_body_without_end(check):
    """The headers take 0.8 seconds of the time; the body drips for ever."""
    answer = HEAD % 100_000 + b"\r\n"
    pieces = lab.pieces_of(answer, len(answer) // 8 + 1) + [b"."] * 1000
    peer = check.peer(lab.paced(pieces, 0.1))
    check.mistake(
        "Each byte starts the timeout of a single read anew. The body drips, "
        "so it never ends: the whole call needs one deadline.",
        lambda it: it.hung,
    )
    check.mistake(
        "The time began anew for the body. Headers and body share it: work "
        "out the deadline once, at the beginning.",
        lambda it: isinstance(it.error, TimeoutError) and it.seconds > 1.5,
    )
    in_time(check, 1, peer.url + "/file")


def test_half_a_head(check):
    """The server closes in the middle of a header."""
    answer = HEAD.partition(b"ngth")[0]
    peer = check.peer(lab.paced([answer], 0))
    check.mistake(
        "The end of the connection was taken for the end of the headers: an "
        "empty line has to come first. Several libraries do so, `http.client` "
        "and those that are built on it. It shows: the answer has no "
        "`Content-Length`, though each complete one has.",
        lambda it: it.value == b"",
    )
    check.raises(EOFError, get, peer.url + "/file", 2)
