"""Read the body of a request: bytes from a stranger, until they are an object.

`json.loads()` follows neither RFC 8259 nor the wishes of a server: it accepts
`NaN`, keeps the last of two equal keys, hands out half a surrogate pair (which
no UTF-8 text can contain, so that *answering* fails), and raises three kinds of
error. All of it is settled here, before an application sees the body.

    >>> read_object("application/json", b'{"name": "Ada"}')
    {'name': 'Ada'}
    >>> read_object("application/json", b'{"name": NaN}')
    Traceback (most recent call last):
    ...
    netbasics.playground.refusals.Refused: the body is not JSON: NaN is ...
"""

import json
import math
from email.message import Message
from io import BufferedIOBase, BufferedReader
from typing import Any, NoReturn, cast

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.playground.refusals import MAX_BODY, Refused
from netbasics.playground.rules import JSON_WORDS, shown
from netbasics.servers.bodies import unchunk

__all__ = ["read_object", "take_body"]

MAX_BRACKETS = 100
MAX_DIGITS = 100
MAX_FIELDS = 20
MAX_KEY = 100  # characters


def take_body(headers: Message, source: BufferedIOBase) -> bytes:
    """Take a request's body off the connection, whether it is wanted or not.

    Left there, it would be taken for the next request. Flask and FastAPI have
    this from the server that they run in; `http.server` has nothing of it.

    Args:
        headers: The request's headers.
        source: The connection, after the headers.

    Raises:
        LimitExceeded: It is, or says that it is, longer than `MAX_BODY`.
        ProtocolError: Where it ends is not clear (RFC 9112, section 6.3).
        ConnectionClosed: The client closed before all of it came.
    """
    lengths = set(headers.get_all("Content-Length", []))
    if "Transfer-Encoding" in headers:
        if lengths:
            raise ProtocolError("the body has a length and comes in chunks")
        with unchunk(cast(BufferedReader, source), limit=MAX_BODY) as body:
            return body.read()
    length = lengths.pop() if lengths else "0"
    if lengths or not (length.isascii() and length.isdigit()):
        raise ProtocolError("Content-Length is not one whole number")
    # Looked at before reading: afterwards it is no limit.
    if len(length) > 19 or int(length) > MAX_BODY:
        raise LimitExceeded("the body", limit=MAX_BODY)
    data = source.read(int(length))
    if len(data) < int(length):
        raise ConnectionClosed(len(data), int(length), what="the body")
    return data


def read_object(content_type: str | None, raw: bytes) -> dict[str, Any]:
    """Make a JSON object of a body, strictly.

    Args:
        content_type: The header of that name. Without it, or with another
            type, the body is refused: a web page of somebody else can make a
            browser POST plain text here, but not `application/json`.
        raw: The whole body.

    Returns:
        The object, with at most 20 fields, no number that is not one, and
        only text that can be sent back.

    Raises:
        Refused: 415 for another content type, 400 for what is not JSON, 422
            for JSON that is no such object.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(
            415, f"send Content-Type: application/json, not {shown(kind)}"
        )
    value = strict_json(raw)
    if not isinstance(value, dict):
        word = JSON_WORDS.get(type(value), "a string")
        raise Refused(422, f"the body must be a JSON object, not {word}")
    if len(value) > MAX_FIELDS:
        raise Refused(422, f"{len(value)} fields are more than a user has")
    for key in value:
        if len(key) > MAX_KEY:
            raise Refused(422, f"no field has a name like {shown(key)}")
    return value


def strict_json(raw: bytes) -> Any:
    """Decode JSON as RFC 8259 has it, or refuse it with a reason."""
    # Each bracket costs the parser a level of the stack, and where the stack
    # ends (RecursionError) depends on who calls. A user has one bracket.
    if raw.count(b"[") + raw.count(b"{") > MAX_BRACKETS:
        raise Refused(400, f"the body opens more than {MAX_BRACKETS} brackets")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
        # Fails where an escape such as \ud83d has no second half.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
    except UnicodeEncodeError:
        reason = "a text has half a surrogate pair (\\ud800 to \\udfff)"
    except ValueError as error:
        reason = "it is empty" if not raw else str(error)
    else:
        return value
    raise Refused(400, f"the body is not JSON: {reason}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict of pairs; two equal keys are an error, not the last one."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {shown(key)} comes twice")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    """Read a number with a point or an exponent; 1e999 would be infinite."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {shown(text)} is too large")
    return number


def _short(text: str) -> int:
    """Read an integer; `int()` takes long for a million digits, or fails."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"an integer has {len(text)} characters")
    return int(text)
