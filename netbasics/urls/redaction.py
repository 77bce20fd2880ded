"""Hide the secrets of a URL before it is shown, logged or raised.

It works on any text and never fails: what is most in need of it is the URL
that turned out to be wrong, on its way into an error message.
"""

import re

from netbasics.urls.quoting import unquote

__all__ = ["clip", "redact", "shown"]

SECRET_WORDS = ("token", "key", "secret", "password", "signature")
HIDDEN = "***"

# Where a user name may begin. Of http:, browsers accept any number of slashes.
# `*+` gives nothing back: with `*`, 100 kB of blanks took 20 seconds.
_AUTHORITY = re.compile(
    r"\s*+(?:(?:https?|wss?|ftp):[/\\]*+|(?:[^/?#@:]*+:)?//)", re.IGNORECASE
)
# `ann:pw@host`: somebody forgot the scheme. In mailto: it is an address.
_NO_SCHEME = re.compile(r"(?!/|mailto:)[^?#@:]*:(?!/)", re.IGNORECASE)
_DIVIDER = re.compile("([&;])")
_PORT = re.compile(r"[0-9]*|[^\[\]]*\]")  # or the end of [::1]


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
        + _hide_values(query)
        + hash_sign
        + _hide_values(fragment)
    )


def _hide_userinfo(text: str) -> str:
    before = _AUTHORITY.match(text)
    if before:
        return _hide_in_authority(text, before.end())
    if _NO_SCHEME.match(text):
        return _hide(text, 0, text.rfind("@", 0, _end_of(text, "?#", 0)))
    return text


def _hide_in_authority(text: str, start: int) -> str:
    end = _end_of(text, "/?#", start)
    at = text.rfind("@", start, end)
    # `//ann:p/w@host`: by the rules the host is "ann" and its port is "p".
    # That is no port, so this is a password with a slash that needed %2F.
    _, colon, port = text[start:end].rpartition(":")
    if at < 0 and colon and not _PORT.fullmatch(port):
        at = text.rfind("@", end)
    return _hide(text, start, at)


def _end_of(text: str, ends: str, start: int) -> int:
    found = [at for end in ends if (at := text.find(end, start)) >= 0]
    return min(found, default=len(text))


def _hide(text: str, start: int, at: int) -> str:
    return text if at < 0 else f"{text[:start]}{HIDDEN}{text[at:]}"


def _hide_values(fields: str) -> str:
    # Divided, not searched by one pattern: that took 40 s for 100 kB of `%`.
    return "".join(_hide_value(field) for field in _DIVIDER.split(fields))


def _hide_value(field: str) -> str:
    name, equals, _ = field.partition("=")
    key = unquote(name, errors="replace").lower() if equals else ""
    if any(word in key for word in SECRET_WORDS):
        return f"{name}={HIDDEN}"
    return field


def clip(text: str, limit: int = 60) -> str:
    r"""Return a text in quotes, escaped and short, for an error message.

    >>> print(clip("http" + chr(10)), clip("x" * 1000, limit=3))
    'http\n' 'xxx'... (1000 characters)
    """
    if len(text) <= limit:
        return repr(text)
    return f"{text[:limit]!r}... ({len(text)} characters)"


def shown(text: object) -> str:
    """Return a URL as an error message may quote it: safe, escaped, short.

    >>> print(shown("http://ann:pw@example.org/"))
    'http://***@example.org/'
    """
    return clip(redact(text), limit=100)
