"""Read a body: decide where it ends, and see that it is whole.

The rules of RFC 9112, section 6.3, in their order:

1. Some messages have no body, whatever their headers say (`reading` knows
   them: HEAD, 204, 304).
2. `Transfer-Encoding: chunked`: each piece says how long it is, and a piece of
   length 0 is the end.
3. `Content-Length`: so many bytes.
4. Neither: a request has no body; a response goes on until the connection
   ends, and nobody can tell whether it is whole.

Both headers together, or two lengths, are refused: two readers that choose
differently see different messages.
"""

import re
from dataclasses import replace
from typing import TypeVar

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.http1.fields import MAX_HEAD, TEXT, quoted, read_fields
from netbasics.http1.messages import Headers, Request, Response
from netbasics.http1.source import Source

__all__ = ["MAX_BODY", "read_body"]

MAX_BODY = 64 * 2**20
MAX_CHUNK_LINE = 4096

DIGITS = re.compile(r"[0-9]{1,18}")
# What may follow the size is nothing that anybody uses; it is read over.
# Its line end must be CRLF. Between headers a lone LF is let pass; here, two
# readers of which one lets it pass would see different requests.
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;" + TEXT + rb")?\r\n")

AnyMessage = TypeVar("AnyMessage", Request, Response)


def read_body(message: AnyMessage, reader: Source, limit: int) -> AnyMessage:
    """Return the message with its body.

    Args:
        message: The message as far as it was read: its head.
        reader: Where to read.
        limit: The longest body that is accepted, in bytes.

    Raises:
        ConnectionClosed: The body ends before it should.
        ProtocolError: Nobody can say for sure where it ends.
        LimitExceeded: It is too long.
    """
    if _is_chunked(message):
        body, trailers = _read_chunks(reader, limit)
        return replace(message, body=body, trailers=trailers)
    length = _content_length(message)
    if length is None:
        if isinstance(message, Request):
            return message
        try:
            return replace(message, body=reader.rest(limit))
        except LimitExceeded as error:
            raise LimitExceeded("the body", limit=limit) from error
    if length > limit:
        raise LimitExceeded("the body", limit=limit, size=length)
    return replace(message, body=_exactly(reader, length, "the body"))


def _is_chunked(message: Request | Response) -> bool:
    """Whether the body is in chunks; refuse what is in doubt."""
    codings = message.tokens("Transfer-Encoding")
    if not message.get_all("Transfer-Encoding"):
        return False
    if codings != ["chunked"]:
        raise ProtocolError(
            f"the transfer coding {', '.join(codings)!r} is not known here, "
            "only 'chunked': ask without a TE header"
        )
    if message.get_all("Content-Length") or message.version == "1.0":
        reason = "a length" if message.version == "1.1" else "HTTP/1.0"
        raise ProtocolError(
            f"chunks and {reason} at once: two readers could see two "
            "different messages, so it is refused (RFC 9112, 6.1)"
        )
    return True


def _content_length(message: Request | Response) -> int | None:
    """Return the stated length; the same one twice is fine (RFC 9110, 8.6)."""
    stated = ",".join(message.get_all("Content-Length"))
    if not message.get_all("Content-Length"):
        return None
    values = [value.strip(" \t") for value in stated.split(",")]
    for value in values:
        if DIGITS.fullmatch(value) is None:
            raise ProtocolError(
                f"Content-Length is {stated[:60]!r}, which is no number of "
                "bytes: where the body ends cannot be known"
            )
    lengths = {int(value) for value in values}
    if len(lengths) > 1:
        raise ProtocolError(
            f"Content-Length is stated as {stated[:60]!r}: two readers could "
            "see two different messages, so it is refused (RFC 9112, 6.3)"
        )
    return lengths.pop()


def _read_chunks(reader: Source, limit: int) -> tuple[bytes, Headers]:
    """Put the chunks together; return the body and the trailers."""
    # Not a list of chunks: an object for each byte would be forty times as
    # large as what the limit allows.
    body = bytearray()
    while length := _chunk_length(reader, len(body)):
        if len(body) + length > limit:
            raise LimitExceeded("the body", limit=limit)
        body += _exactly(reader, length, "a chunk")
        end = _exactly(reader, 2, "the line end after a chunk")
        if end != b"\r\n":
            raise ProtocolError(
                f"after a chunk of {length} bytes comes {end!r} and not a "
                "line end: the chunk is longer or shorter than it says"
            )
    return bytes(body), read_fields(reader, MAX_HEAD, folded=False)


def _chunk_length(reader: Source, so_far: int) -> int:
    what = f"a chunked body, before its last chunk ({so_far} bytes were whole)"
    try:
        line = reader.until(b"\n", MAX_CHUNK_LINE)
    except ConnectionClosed as error:
        raise ConnectionClosed(error.got, what=what) from None
    if line is None:
        raise ConnectionClosed(0, what=what)
    found = CHUNK_LINE.fullmatch(line)
    if found is None:
        raise ProtocolError(
            f"{quoted(line)} is no size of a chunk: hexadecimal digits and "
            "CRLF were due"
        )
    return int(found[1], 16)


def _exactly(reader: Source, count: int, what: str) -> bytes:
    try:
        return reader.exactly(count)
    except ConnectionClosed as error:
        raise ConnectionClosed(error.got, count, what=what) from None
