"""Not what was expected: no HTTP, no JSON, or not as it is labelled."""

import gzip
import random

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, TEXT, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "cut_gzip",
    "garbage",
    "invalid_json",
    "other_protocol",
    "wrong_charset",
    "wrong_gzip",
    "wrong_shape",
]

PACKED = [("Content-Encoding", "gzip")]
NAME = '{"name": "Zoë"}\n'


def sending(name: str, reply: bytes, content: bytes = b"") -> Peer:
    """Return a peer that reads a request and sends these very bytes."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(reply)

    return TCPPeer(name, script, content=content)


@fault("http", should="fail", because="this is not HTTP")
def garbage(size: int = 512) -> Peer:
    """Answer with random bytes (the same ones in each run).

    Real world: the wrong port, an encrypted service, broken memory.

    The caller sees: bytes without a status line: `BadStatusLine` in
    `http.client`, in `requests` a `ConnectionError`. There need not be a line
    end among them: a client that reads "until CRLF" must have a limit.

    Args:
        size: How many bytes.
    """
    return sending("garbage", random.Random(4).randbytes(size))


@fault("http", should="fail", because="this is not HTTP")
def other_protocol(
    greeting: bytes = b"220 mail.example.com ESMTP ready\r\n",
) -> Peer:
    """Speak first, and another protocol: here the greeting of a mail server.

    Real world: the right host and the wrong port. In many protocols (SMTP,
    FTP, SSH, MySQL) the server speaks first; in HTTP it never does.

    The caller sees: an answer that was there before it asked, and that is no
    status line: `BadStatusLine('220 mail.example.com ESMTP ready')`.

    Args:
        greeting: What is said at once.
    """

    def script(visit: Visit) -> None:
        visit.send(greeting)
        visit.read_request()
        visit.send(b"500 unrecognized command\r\n")

    return TCPPeer("other_protocol", script)


@fault("json", should="fail", because="the text is not JSON")
def invalid_json(content: bytes = OK[:-4]) -> Peer:
    """Answer 200, with a body that is not JSON though its label says so.

    Real world: a program that puts JSON together by hand, or one that cut it
    off and counted the rest right; a login page in place of the data.

    The caller sees: a correct HTTP answer. The error comes when it is decoded:
    `json.JSONDecodeError`, a `ValueError`; in `requests` also a
    `RequestException`.

    Args:
        content: The body.
    """
    return sending("invalid_json", answer(content), content)


@fault(
    "json",
    should="succeed",
    because="it is valid JSON; only who knows the API can tell",
)
def wrong_shape(content: bytes = b'["ok"]\n') -> Peer:
    """Answer 200, with valid JSON of another shape: a list, not an object.

    Real world: an error document instead of the data, another version of the
    API, `null` where there used to be a list.

    The caller sees: success; and later, somewhere else, `TypeError: list
    indices must be integers`. What comes from outside is checked where it
    comes in.

    Args:
        content: The body, as JSON.
    """
    return sending("wrong_shape", answer(content), content)


@fault("json", should="fail", because="the bytes are not in that charset")
def wrong_charset() -> Peer:
    """Say `charset=utf-8` and send Latin-1.

    Real world: an old database or file behind a new server.

    The caller sees: `UnicodeDecodeError` if it is strict. `requests` is not:
    its `.json()` replaces the byte, and a person's name has become `Zo�`,
    without an error.
    """
    kind = "application/json; charset=utf-8"
    reply = answer(NAME.encode("latin-1"), kind=kind)
    return sending("wrong_charset", reply, NAME.encode())


@fault("http", should="fail", because="the body is not what its label says")
def wrong_gzip() -> Peer:
    """Say `Content-Encoding: gzip` and send plain text.

    Real world: a proxy that unpacks the body and leaves the header, or adds
    the header to everything.

    The caller sees: in `requests`, `ContentDecodingError`. `urllib` unpacks
    nothing by itself and hands out the bytes as they came.
    """
    return sending("wrong_gzip", answer(headers=PACKED), OK)


@fault("http", should="fail", because="the packed data stops in the middle")
def cut_gzip() -> Peer:
    """Send half of a gzip file, with a Content-Length that is right for it.

    Real world: a cache or a disk that kept a broken file. HTTP has nothing to
    complain about; the end is missing inside the packing.

    The caller sees: with many clients the first part of the text, as if it
    were all. gzip says where its data ends (RFC 1952), so whoever unpacks can
    notice, and must ask (`zlib`: `decompressobj().eof`).
    """
    packed = gzip.compress(TEXT, mtime=0)
    half = packed[: len(packed) // 2]
    return sending(
        "cut_gzip", answer(half, kind="text/plain", headers=PACKED), TEXT
    )
