"""Whether an HTTP client can really request a URL."""

import re

from netbasics.errors import InvalidURL
from netbasics.urls.hosts import check_name
from netbasics.urls.parsing import URL, parse
from netbasics.urls.parts import refusal
from netbasics.urls.redaction import clip

__all__ = ["is_valid", "validate"]

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def validate(text: str | URL) -> URL:
    """Return the URL if an HTTP client can really request it.

    `parse` looks at the form. This also refuses other schemes than http and
    https, port 0, names that DNS cannot hold, numbers that are no IPv4
    address (`http://1.2.3/`) and a `%` that begins no escape: requests
    would then escape the whole URL again.

    Raises:
        InvalidURL: A client cannot; the message has the reason.
        TypeError: It is not a text.

    Example:
        >>> validate("https://example.org/").host
        'example.org'
        >>> validate("ftp://example.org/")
        Traceback (most recent call last):
        ...
        netbasics.errors.InvalidURL: 'ftp://example.org/': the scheme is
        'ftp', and an HTTP client speaks http and https
    """
    url = parse(text)
    if url.scheme not in ("http", "https"):
        raise refusal(
            url,
            f"the scheme is {clip(url.scheme)}, and an HTTP client speaks "
            "http and https",
        )
    try:
        check_name(url.host)
    except ValueError as reason:
        raise refusal(url, str(reason)) from None
    if not f"{url.username}{url.password}".isascii():
        # Some clients send these as Latin-1, some as UTF-8, requests fails.
        raise refusal(url, "the user name or password is not ASCII: escape it")
    if url.explicit_port == 0:
        raise refusal(url, "port 0 cannot be contacted")
    stray = _BAD_ESCAPE.search(str(url))
    if stray:
        raise refusal(
            url,
            f"the '%' at position {stray.start()} begins no escape of two "
            "hexadecimal digits: a plain '%' is written %25",
        )
    return url


def is_valid(text: object) -> bool:
    """Whether this is an http or https URL that a client can really request.

    Whether the host exists, or may be contacted, is another question: see
    `netbasics.guard`. `validate` says what is wrong.

    Example:
        >>> is_valid("http://example.org:8080/a?b=c")
        True
        >>> is_valid("http://"), is_valid("http://ann@/"), is_valid("//x.org/")
        (False, False, False)
    """
    if not isinstance(text, str | URL):
        return False
    try:
        validate(text)
    except InvalidURL:
        return False
    return True
