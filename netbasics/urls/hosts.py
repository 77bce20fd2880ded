"""Which texts are a host: names, IPv4 addresses, IPv6 addresses in brackets.

Two programs that read a host differently contact two machines. So a host is
refused here unless all readers agree on it. A refusal is a ValueError whose
text is only the reason; `parse` adds the URL.
"""

import re

from netbasics.urls.redaction import clip

__all__ = [
    "ascii_host",
    "check_name",
    "ends_in_number",
    "is_dotted_quad",
    "read_host",
]

# The usual case in one look: letters, digits, `-` and `_` between single dots,
# perhaps one dot at the end. `_` is no letter of host names (RFC 952), yet DNS
# carries it (RFC 2181, 11) and machines on Docker networks are called so.
_USUAL = re.compile(r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+\.?")
# RFC 3986 3.2.2 allows more for schemes that have their own idea of a host,
# such as http+unix://%2Fvar%2Frun%2Fdocker.sock/.
_GENERIC = re.compile(
    r"(?:[^\x00-\x7f]|[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
)
_DECIMAL_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_DOTTED_QUAD = re.compile(rf"{_DECIMAL_BYTE}(?:\.{_DECIMAL_BYTE}){{3}}")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

MAX_NAME = 253  # of a whole name in characters, RFC 1035 2.3.4 less its framing
MAX_LABEL = 63


def read_host(host: str, *, strict: bool) -> str:
    """Return the host in lower case, without brackets; refuse what is none.

    Args:
        host: As it stands in the URL, `[::1]` with its brackets.
        strict: The scheme is one whose hosts are machines (http, ftp, ...).

    Raises:
        ValueError: The reason why this is no host.
    """
    if _USUAL.fullmatch(host):
        return host.lower()
    if host.startswith("["):
        return _read_ipv6(host)
    if not strict and _GENERIC.fullmatch(host):
        return host.lower()
    if not host:
        raise ValueError("there is no host after '//'")
    if "%" in host:
        raise ValueError(
            f"the host {clip(host)} has percent-escapes, which some clients "
            "decode and others do not: write its letters plainly"
        )
    if not host.isascii() and _USUAL.fullmatch(_only_ascii(host)):
        return _read_unicode(host)
    if "" in host.removesuffix(".").split("."):
        raise ValueError(
            f"the host {clip(host)} has an empty label between dots"
        )
    raise ValueError(
        f"the host {clip(host)} may have letters, digits, '-', '_' and single "
        "dots, and has something else"
    )


def _only_ascii(host: str) -> str:
    return re.sub(r"[^\x00-\x7f]", "x", host)


def _read_unicode(host: str) -> str:
    # Loaded for the rare host that needs it.
    from unicodedata import normalize

    # First the length: sorting a long run of accents takes quadratic time.
    if len(host) > MAX_NAME:
        raise ValueError(_too_long(host))
    if "\u3002" in host:
        raise ValueError(
            f"the host {clip(host)} has '\u3002', which some clients read as "
            "a dot: write '.'"
        )
    lower = host.lower()
    # `１２７．0.0.1` (wide digits) reaches 127.0.0.1, and `℀` becomes `a/c`:
    # letters that turn into others are refused, not translated.
    plain = normalize("NFKC", lower)
    if plain != lower or lower.isascii():
        raise ValueError(
            f"the host {clip(host)} has characters that clients read as others "
            f"({plain!r}): write those"
        )
    return lower


def _read_ipv6(host: str) -> str:
    # Loaded for the rare host that needs it: 3 ms.
    from ipaddress import AddressValueError, IPv6Address

    if not host.endswith("]"):
        raise ValueError(
            f"the host {clip(host)} has '[' without ']' at its end"
        )
    address = host[1:-1]
    if len(address) > MAX_NAME:
        raise ValueError(f"{clip(host)} is no IPv6 address: it is too long")
    if "%" in address:
        raise ValueError(
            f"the host {clip(host)} names a zone (%), which has a meaning only "
            "on one machine: leave it out"
        )
    try:
        IPv6Address(address)
    except AddressValueError as error:
        raise ValueError(f"{clip(host)} is no IPv6 address ({error})") from None
    return address.lower()


def ends_in_number(host: str) -> bool:
    """Whether clients take the host for an IPv4 address, well formed or not.

    `2130706433`, `0x7f.1` and `127.1` all lead to 127.0.0.1 in the C library
    and in browsers. No name ends so: no top-level domain is a number.

    >>> [ends_in_number(h) for h in ("0x7f.1", "1.2.3.4", "1.example")]
    [True, True, False]

    Source: WHATWG URL, 3.5, "ends in a number"; RFC 3696, section 2.
    """
    last = host.removesuffix(".").rpartition(".")[2]
    return ":" not in host and _NUMBER.fullmatch(last) is not None


def is_dotted_quad(host: str) -> bool:
    """Whether the host is IPv4 in the one spelling that all readers share.

    A leading zero is refused: `010` is ten to some and octal eight to others.

    >>> is_dotted_quad("127.0.0.1"), is_dotted_quad("127.0.0.010")
    (True, False)
    """
    return _DOTTED_QUAD.fullmatch(host) is not None


def ascii_host(host: str) -> str:
    """Return the name as DNS has it: `bücher.example`, `xn--bcher-kva.example`.

    The codec "idna" of Python, which `socket` uses, follows the standard of
    2003: there `faß.example` is `fass.example`, another machine. This follows
    the one of 2008, as browsers and requests do.

    Raises:
        ValueError: The name is not allowed (RFC 5891).
    """
    if host.isascii():
        return host
    if len(host) > MAX_NAME:
        raise ValueError(_too_long(host))
    import idna  # rare, and 8 ms

    try:
        name = idna.encode(host, uts46=True).decode("ascii")
        back = idna.decode(name)
    except idna.IDNAError as error:
        raise ValueError(f"the host {clip(host)} is no name: {error}") from None
    if back != host:
        # Invisible characters go: `127.0.0.1` and U+FE0F would be 127.0.0.1.
        raise ValueError(
            f"the host {clip(host)} has characters that clients read as "
            f"others ({back!r}): write those"
        )
    return name


def check_name(host: str) -> None:
    """Refuse a host that no name server could know, or that is half a number.

    Args:
        host: A host that `read_host` returned.

    Raises:
        ValueError: The reason.

    Source: RFC 1035, 2.3.4 (lengths); RFC 1123, 2.1 (hyphens); WHATWG URL 3.5.
    """
    if ":" in host or is_dotted_quad(host):
        return
    if ends_in_number(host):
        raise ValueError(
            f"the host {clip(host)} ends in a number, and is no IPv4 address "
            "of four decimal numbers from 0 to 255 without leading zeros"
        )
    # One dot at the end says that the name is complete; it is not counted.
    name = ascii_host(host).removesuffix(".")
    if len(name) > MAX_NAME:
        raise ValueError(_too_long(host))
    for label in name.split("."):
        if len(label) > MAX_LABEL:
            raise ValueError(
                f"the host has a label of {len(label)} characters "
                f"({label[:20]!r}...), and DNS allows {MAX_LABEL}"
            )
        if label.startswith("-") or label.endswith("-"):
            raise ValueError(
                f"the label {label!r} of the host begins or ends with '-'"
            )


def _too_long(host: str) -> str:
    return f"the host has {len(host)} characters, and DNS allows {MAX_NAME}"
