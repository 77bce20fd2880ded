"""Read a URL in one way only, and refuse what others would read differently."""

import re
from functools import lru_cache
from typing import NoReturn

from netbasics.urls.hosts import ascii_host, read_host
from netbasics.urls.parts import Parts, refusal, split
from netbasics.urls.quoting import escape_unicode
from netbasics.urls.redaction import clip, redact

__all__ = ["URL", "parse"]

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

_AUTHORITY = re.compile(
    r"(?:([^:@\[\]]*)(?::([^@\[\]]*))?@)?"
    r"(\[[^\[\]@]*\]|[^:@\[\]]*)"
    r"(?::([0-9]*))?"
)


class URL:
    """A URL taken apart: a value that never changes.

    Make it with `parse`. It keeps the text it came from, so `str(url)` is that
    text, and two URLs are equal when their texts are. The parts are as
    written, escapes included, but for the scheme and the host, which are in
    lower case; `unquote` decodes a part.

    Its repr hides passwords and keys; `str` does not.

    Example:
        >>> url = URL("HTTP://ann:pw@Example.org:8080/a%20b?c=d#e")
        >>> url
        URL('HTTP://***@Example.org:8080/a%20b?c=d#e')
        >>> url.scheme, url.username, url.host, url.port, url.path
        ('http', 'ann', 'example.org', 8080, '/a%20b')
        >>> url.origin, url.target
        ('http://example.org:8080', '/a%20b?c=d')

    Source: RFC 3986, section 3.
    """

    __slots__ = ("_authority", "_parts", "_text")
    _text: str
    _parts: Parts
    _authority: tuple[str | None, str | None, str, int | None]

    def __init__(self, text: str) -> None:
        parts = split(text)
        keep = object.__setattr__  # our own refuses
        keep(self, "_text", text)
        keep(self, "_parts", parts)
        keep(self, "_authority", _read_authority(text, parts))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"a URL does not change: make a new one instead of setting {name}"
        )

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a URL does not change: {name} stays")

    @property
    def scheme(self) -> str:
        """How to talk: `http`, `https`, `mailto`, in lower case."""
        return (self._parts[0] or "").lower()

    @property
    def username(self) -> str | None:
        """What stands before `@`, up to the first `:`; None without `@`."""
        return self._authority[0]

    @property
    def password(self) -> str | None:
        """What stands between that `:` and `@`; None without them."""
        return self._authority[1]

    @property
    def host(self) -> str:
        """The machine, in lower case and without brackets; `""` if none."""
        return self._authority[2]

    @property
    def ascii_host(self) -> str:
        """The host as DNS knows it (`xn--...`), to resolve or to send.

        Raises:
            InvalidURL: The name is not allowed in DNS.
        """
        try:
            return ascii_host(self.host)
        except ValueError as reason:
            raise refusal(self._text, str(reason)) from None

    @property
    def explicit_port(self) -> int | None:
        """The port that is written in the URL, or None."""
        return self._authority[3]

    @property
    def port(self) -> int | None:
        """The port to contact: the written one or else the scheme's own.

        None where the scheme has none that we know of.
        """
        port = self._authority[3]
        return DEFAULT_PORTS.get(self.scheme) if port is None else port

    @property
    def path(self) -> str:
        """Everything from the host to `?` or `#`; may be empty."""
        return self._parts[2]

    @property
    def query(self) -> str:
        """What follows `?`; empty if nothing does. See `decode_query`."""
        return self._parts[3] or ""

    @property
    def fragment(self) -> str:
        """What follows `#`, which clients keep to themselves."""
        return self._parts[4] or ""

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header wants them.

        The brackets of IPv6 are back; the scheme's own port is left out.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = self.explicit_port
        if port is None or port == DEFAULT_PORTS.get(self.scheme):
            return host
        return f"{host}:{port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what must be the same to share secrets.

        Without a host it is `null`, and two of those share nothing, although
        the texts are equal (RFC 6454, section 4).
        """
        return f"{self.scheme}://{self.authority}" if self.host else "null"

    @property
    def target(self) -> str:
        """Path and query as the first line of a request has them.

        Letters outside ASCII are escaped (RFC 9112, 3.2; RFC 3987, 3.1).
        """
        query = self._parts[3]
        target = (self.path or "/") + ("" if query is None else f"?{query}")
        return escape_unicode(target)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"URL({redact(self._text)!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, URL):
            return self._text == other._text
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[type["URL"], tuple[str]]:
        return URL, (self._text,)  # pickle would set attributes


def parse(text: str | URL) -> URL:
    """Take a URL apart, or say why it is none.

    `urllib.parse.urlsplit` silently removes newlines, lets blanks and any
    host pass, and reads the port only when asked. Here a URL has a scheme; no
    blank, control character, backslash or invisible character anywhere; a
    host that all readers agree on; a port from 0 to 65535 in ASCII digits.
    Letters outside ASCII are accepted: clients escape them.

    Args:
        text: A URL with its scheme; `join` a relative one to its base first.

    Raises:
        InvalidURL: It is none. The message quotes it without its secrets.
        TypeError: It is not a text.

    Example:
        >>> parse("http://[::1]:8000/").host
        '::1'
        >>> parse("http://example.org:99999/")
        Traceback (most recent call last):
        ...
        netbasics.errors.InvalidURL: 'http://example.org:99999/': the port
        99999 is not between 0 and 65535

        A trap that is none of the parser's making: this is a whole URL.

        >>> parse("localhost:8000").scheme
        'localhost'

    The time is linear in the length.

    Source: RFC 3986; where it allows what browsers read differently (WHATWG
    URL), neither reading is taken.
    """
    if isinstance(text, URL):
        return text
    if not isinstance(text, str):
        raise TypeError(f"a URL is text, and this is {type(text).__name__}")
    # A look-up costs a thirtieth of reading again, and a URL never changes.
    # Long texts are not kept: 256 of them could be any amount of memory.
    return _remembered(text) if len(text) <= 1000 else URL(text)


_remembered = lru_cache(maxsize=256)(URL)


def _read_authority(
    text: str, parts: Parts
) -> tuple[str | None, str | None, str, int | None]:
    """Return user name, password, host and port; all empty without `//`."""
    scheme, authority = parts[:2]
    if scheme is None:
        raise refusal(
            text,
            "it has no scheme: write http:// before a host; join a relative "
            "reference to its base first",
        )
    strict = scheme.lower() in DEFAULT_PORTS
    if authority is None:
        if strict:
            raise refusal(text, f"'//' and a host must follow '{scheme}:'")
        return None, None, "", None
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise refusal(text, _why_no_authority(text, authority))
    username, password, host, digits = match.groups()
    try:
        if not host and (strict or username is not None or digits is not None):
            raise ValueError("there is no host after '//'")
        return username, password, read_host(host, strict=strict), _port(digits)
    except ValueError as reason:
        raise refusal(text, str(reason)) from None


def _port(digits: str | None) -> int | None:
    if not digits:
        return None
    # Never `int` a text of unknown length: the time is quadratic.
    short = digits.lstrip("0") or "0"
    if len(short) > 5 or int(short) > 65535:
        raise ValueError(f"the port {digits[:20]} is not between 0 and 65535")
    return int(short)


def _why_no_authority(text: str, authority: str) -> str:
    if authority.count("@") > 1:
        return (
            "it has two '@', and which host is meant depends on the reader: "
            "inside a name or password write %40"
        )
    address = authority.rpartition("@")[2]
    if "[" in address or "]" in address:
        return f"{clip(address)} is no IPv6 address in brackets with its port"
    if "[" in authority or "]" in authority:
        return "a bracket before '@': write %5B for '[' and %5D for ']'"
    # A password with a bare slash looks like a port. Do not show it.
    if "@" in text and "@" not in authority:
        return (
            "the port is not made of the digits 0 to 9. It is not shown, for "
            "an '@' follows: inside a password write %2F for '/'"
        )
    port = address.partition(":")[2]
    return f"the port {clip(port, 20)} is not made of the digits 0 to 9"
