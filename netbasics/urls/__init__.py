"""URLs as text: take apart, check, join, build, compare and log. No sockets.

The parser of the standard library was made to be forgiving. It drops newlines,
takes any text for a host and lets `localhost:8000` pass as a scheme. A program
that looks at one host and then contacts another is how the worst mistakes with
URLs happen. This package reads a URL in one way and refuses what other readers
would read in another.

    >>> from netbasics import urls
    >>> url = urls.parse("https://example.org/search?q=a%20b#top")
    >>> url.host, url.port, url.path, url.query, url.fragment
    ('example.org', 443, '/search', 'q=a%20b', 'top')
    >>> str(url)
    'https://example.org/search?q=a%20b#top'
    >>> urls.is_valid("http://exa mple.org/")
    False

Short files, one idea each: `parts` cuts a text, `hosts` knows what a host is,
`parsing` makes a value of both, `validity` asks whether a client could request
it, `combining` makes new URLs of old ones, `quoting` escapes, `redaction` hides
secrets.
"""

from netbasics.urls.combining import build, join, normalize
from netbasics.urls.parsing import URL, parse
from netbasics.urls.quoting import decode_query, encode_query, quote, unquote
from netbasics.urls.redaction import redact
from netbasics.urls.validity import is_valid, validate

__all__ = [
    "URL",
    "build",
    "decode_query",
    "encode_query",
    "is_valid",
    "join",
    "normalize",
    "parse",
    "quote",
    "redact",
    "unquote",
    "validate",
]
