"""Percent-escapes: how a text travels inside a URL.

A URL is divided by characters: `/`, `?`, `#`, `&`, `=`. A text that contains
one of them must travel in disguise: each byte of its UTF-8 form as `%` and two
hexadecimal digits. The rule that is broken most often: quote each part once,
before the parts are put together; unquote each part once, after they were
taken apart.
"""

import re
from collections.abc import Iterable, Mapping, Set
from functools import cache
from typing import Literal

from netbasics.errors import InvalidURL, LimitExceeded

__all__ = ["decode_query", "encode_query", "quote", "unquote"]

Errors = Literal["strict", "replace"]

# RFC 3986 2.3: these never need an escape, in no part of a URL.
UNRESERVED = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)


@cache
def _table(safe: str) -> list[str]:
    """Return how each byte is written."""
    kept = UNRESERVED.encode() + safe.encode("ascii")
    return [chr(b) if b in kept else f"%{b:02X}" for b in range(256)]


_FORM = [*_table("")]
_FORM[ord(" ")] = "+"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def quote(text: str, *, safe: str = "") -> str:
    """Escape a text so that it is one part of a URL, whatever it contains.

    `urllib.parse.quote` leaves `/` as it is: a user name of `a/b` becomes two
    segments of a path. This one escapes all but letters, digits and `-._~`.

    Args:
        text: What to escape.
        safe: Further ASCII characters to leave alone, such as `"/"` for a
            path that is already put together.

    Raises:
        InvalidURL: The text has half of a surrogate pair, which UTF-8 cannot
            write.

    Example:
        >>> quote("a/b c?ü")
        'a%2Fb%20c%3F%C3%BC'
        >>> quote("docs/read me.txt", safe="/")
        'docs/read%20me.txt'

    Source: RFC 3986, sections 2.1 and 2.3.
    """
    return _written(text, _table(safe))


def _written(text: str, table: list[str]) -> str:
    """Write each byte of a text's UTF-8 form as the table has it."""
    if text.isalnum() and text.isascii():
        return text  # most are, and none of their characters needs an escape
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidURL(
            f"{text[error.start]!r} at position {error.start} is half of a "
            "surrogate pair, which UTF-8 cannot write: repair where it was read"
        ) from None
    return "".join([table[byte] for byte in data])


def escape_unicode(text: str) -> str:
    """Escape only what is not ASCII, as a client does with a URL it sends.

    >>> escape_unicode("/grün/a%20b?c=d")
    '/gr%C3%BCn/a%20b?c=d'

    Source: RFC 3987, section 3.1.
    """
    return text if text.isascii() else _NOT_ASCII.sub(_quote_run, text)


def _quote_run(run: re.Match[str]) -> str:
    return quote(run[0])


def unquote(text: str, *, errors: Errors = "strict") -> str:
    """Undo `quote`: the text that the escapes stand for.

    Do it once, and to one part at a time. Twice, and `%252F` (a text of
    three characters, `%2F`) has become a slash.

    Args:
        text: One part of a URL. A `+` stays a plus, for only queries use it
            as a blank. A `%` that begins no escape stays, as everywhere.
        errors: What to do with bytes that are not UTF-8: "strict" refuses
            them, "replace" puts U+FFFD in their place.

    Raises:
        InvalidURL: The escapes are not UTF-8.

    Example:
        >>> unquote("a%2Fb%20c%3F%C3%BC")
        'a/b c?ü'
        >>> unquote("100%")
        '100%'

    Source: RFC 3986, section 2.1.
    """

    def decode(run: re.Match[str]) -> str:
        data = bytes.fromhex(run[0].replace("%", " "))
        try:
            return data.decode("utf-8", errors)
        except UnicodeDecodeError:
            raise InvalidURL(
                f"{run[0][:60]!r} stands for bytes that are not UTF-8: it was "
                "escaped in another encoding, or is no text at all"
            ) from None

    return _ESCAPES.sub(decode, text)


def encode_query(
    pairs: Mapping[str, object] | Iterable[tuple[str, object]],
) -> str:
    """Write names and values as a query: `a=1&b=2`, without the `?`.

    Args:
        pairs: A mapping, or pairs where the order or repeated names matter. A
            list or tuple as a value repeats its name; None, also in a list,
            is left out; anything else is written as `str` writes it.

    Returns:
        The query; a blank is `+`, as in an HTML form.

    Raises:
        TypeError: A value is bytes, a mapping or a set. Their `str` would be
            something like `b'x'`, and no server wants that.
        InvalidURL: A text has half of a surrogate pair.

    Example:
        >>> encode_query({"q": "fish & chips", "tag": ["a", "b"], "page": None})
        'q=fish+%26+chips&tag=a&tag=b'

    Source: WHATWG URL, section 5.2, application/x-www-form-urlencoded.
    """
    if isinstance(pairs, str | bytes):
        raise TypeError(
            f"a query is made of a mapping or of pairs, and {pairs!r:.60} is "
            f"{type(pairs).__name__}: it may be encoded already"
        )
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return "&".join(
        f"{_form(name)}={_form(value)}"
        for name, values in items
        for value in (values if isinstance(values, list | tuple) else [values])
        if value is not None
    )


def _form(value: object) -> str:
    if isinstance(value, str):
        return _written(value, _FORM)
    if isinstance(value, bytes | bytearray | memoryview | Mapping | Set):
        raise TypeError(
            f"{type(value).__name__} cannot be written into a query: decode "
            "bytes to text, give several values as a list"
        )
    return _written(str(value), _FORM)


def decode_query(
    text: str, *, max_fields: int = 1000, errors: Errors = "strict"
) -> list[tuple[str, str]]:
    """Read a query into pairs, in their order, losing none.

    `urllib.parse.parse_qs` drops a field that is blank (`a=`) unless asked
    not to, and a dict shows only the last of two equal names.

    Args:
        text: The query without its `?`. Only `&` divides.
        max_fields: How many fields are accepted; more cost time and memory
            that a stranger decides about.
        errors: As in `unquote`.

    Raises:
        LimitExceeded: There are more fields.
        InvalidURL: The escapes are not UTF-8.

    Example:
        >>> decode_query("q=fish+%26+chips&a=&b&q=2")
        [('q', 'fish & chips'), ('a', ''), ('b', ''), ('q', '2')]

    Source: WHATWG URL, section 5.1.
    """
    count = text.count("&") + 1
    if count > max_fields:
        raise LimitExceeded(
            "the query", limit=max_fields, size=count, unit="fields"
        )
    pairs = []
    for field in text.split("&"):
        if field:
            # `+` is a blank only while it is unescaped, so before unquoting.
            name, _, value = field.replace("+", " ").partition("=")
            pair = unquote(name, errors=errors), unquote(value, errors=errors)
            pairs.append(pair)
    return pairs
