"""Read headers: the lines between the first one and the empty one."""

import re

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.http1.messages import Headers
from netbasics.http1.source import Source

__all__ = [
    "FIELD",
    "MAX_HEAD",
    "MAX_HEADERS",
    "TEXT",
    "TOKEN",
    "quoted",
    "read_fields",
]

MAX_HEAD = 65536  # bytes of the first line and all headers
MAX_HEADERS = 100

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, 5.6.2
# A CR or NUL in a value is an attack. `*+` takes all that fits and gives
# nothing back: with `*`, a value of 60,000 blanks and a NUL took 30 seconds.
TEXT = rb"[^\x00-\x08\x0a-\x1f\x7f]*+"
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*+(" + TEXT + rb")")


def quoted(came: bytes, most: int = 60) -> str:
    """Return the beginning of what came, safe to print.

    >>> quoted(b"x" * 100, 3)
    "b'xxx'..."
    """
    return repr(came[:most]) + ("..." if len(came) > most else "")


def read_fields(reader: Source, budget: int, *, folded: bool) -> Headers:
    """Read headers, or trailers, up to the empty line.

    Args:
        reader: Where to read.
        budget: How many bytes they may have.
        folded: Whether a header may go on in the next line, after a blank. It
            is read so in responses only (RFC 9112, 5.2).
    """
    fields: Headers = []
    while line := _field_line(reader, budget):
        budget -= len(line) + 2
        if line[:1] in b" \t" and folded and fields:
            name, value = fields[-1]
            more = line.strip(b" \t").decode("latin-1")
            fields[-1] = name, f"{value} {more}".strip()
            continue
        found = FIELD.fullmatch(line)
        if found is None:
            # Behind the colon may be a key, and errors end up in logs.
            raise ProtocolError(
                f"the line that begins with {quoted(line.partition(b':')[0])} "
                "is no header: it must be a name without blanks, a colon and "
                "a value without control characters"
            )
        name, value = (part.decode("latin-1") for part in found.groups())
        fields.append((name, value.rstrip(" \t")))
        if len(fields) > MAX_HEADERS:
            raise LimitExceeded("the head", limit=MAX_HEADERS, unit="headers")
    return fields


def _field_line(reader: Source, budget: int) -> bytes:
    try:
        line = reader.line(max(budget, 0))
    except LimitExceeded as error:
        raise LimitExceeded("the head", limit=MAX_HEAD) from error
    except ConnectionClosed as error:
        raise ConnectionClosed(error.got, what="a header") from None
    if line is None:
        raise ConnectionClosed(0, what="the headers, before the empty line")
    return line
