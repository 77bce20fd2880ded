"""Hide the secrets of a URL before it is shown, logged or raised.

It works on any text and never fails: what is most in need of it is the URL
that turned out to be wrong, on its way into an error message.
"""

import re

from netbasics.urls.quoting import unquote

__all__ = ["redact", "shown"]

SECRET_WORDS = ("token", "key", "secret", "password", "signature")
HIDDEN = "***"

_BEFORE_AUTHORITY = re.compile(r"(?:[^/?#@:]*:)?//")
_NAME_COLON = re.compile(r"([^/?#@:]*):")
_AUTHORITY_END = re.compile(r"[/?#]|\Z")
_NO_PORT = re.compile(r"[^\[\]]*:[^:]*[^0-9:][^:]*\Z")
_FIELD = re.compile(r"([^&;=]+)=([^&;]*)")


def redact(text: object) -> str:
    """Return a URL with its secrets replaced by `***`.

    URLs end up in logs, tickets and tracebacks; a password or an API key in
    one of them is then public. Replaced are the user name and password, and
    each value whose key contains `token`, `key`, `secret`, `password` or
    `signature`, in the query and in the fragment, however the key is written
    (`API%5FKEY`). All other characters stay as they are.

    Args:
        text: A URL, or a text that was meant to be one. Nothing is refused.

    Returns:
        The text to show. A secret within the path is not recognised.

    Example:
        >>> redact("https://ann:pw@example.org/a?api_key=123&page=2")
        'https://***@example.org/a?api_key=***&page=2'

        Where a password was not escaped, too much is hidden, not too little:

        >>> redact("https://ann:p/w@example.org/")
        'https://***@example.org/'
        >>> redact("ann:pw@proxy.example:3128")
        '***@proxy.example:3128'
    """
    text = _hide_userinfo(str(text))
    rest, hash_sign, fragment = text.partition("#")
    rest, question_mark, query = rest.partition("?")
    return (
        rest
        + question_mark
        + _FIELD.sub(_hide_value, query)
        + hash_sign
        + _FIELD.sub(_hide_value, fragment)
    )


def _hide_userinfo(text: str) -> str:
    start = _userinfo_start(text)
    if start is None:
        return text
    end_found = _AUTHORITY_END.search(text, start)
    end = end_found.start() if end_found else len(text)
    at = text.rfind("@", start, end)
    # `//ann:p/w@host`: by the rules the host is "ann" and its port is "p".
    # That is no port, so this is a password with a slash that needed %2F.
    if at < 0 and _NO_PORT.match(text[start:end]):
        at = text.rfind("@", end)
    return text if at < 0 else f"{text[:start]}{HIDDEN}{text[at:]}"


def _userinfo_start(text: str) -> int | None:
    """Return where a user name would begin; None where none can be."""
    before = _BEFORE_AUTHORITY.match(text)
    if before:
        return before.end()
    # `ann:pw@host`: somebody forgot the scheme. In mailto: it is an address.
    name = _NAME_COLON.match(text)
    return None if not name or name[1].lower() == "mailto" else 0


def _hide_value(field: re.Match[str]) -> str:
    key = unquote(field[1], errors="replace").lower()
    if any(word in key for word in SECRET_WORDS):
        return f"{field[1]}={HIDDEN}"
    return field[0]


def shown(text: object, limit: int = 100) -> str:
    r"""Return a URL as an error message may quote it: safe, escaped, short.

    >>> print(shown("http://ann:pw@example.org/" + chr(10)))
    'http://***@example.org/\n'
    """
    safe = redact(text)
    if len(safe) <= limit:
        return repr(safe)
    return f"{safe[:limit]!r}... ({len(safe)} characters)"
