r"""Domain names as text and as labels.

A label is up to 63 bytes of any value, a name up to 255 bytes of labels. In
text a dot separates labels, so a dot inside of one is written `\.`, and a byte
that cannot be shown is written as three decimal digits: `\007`
(RFC 1035, section 5.1).
"""

import re

__all__ = ["MAX_LABEL", "MAX_NAME", "join", "normalize", "same_name", "split"]

MAX_LABEL = 63
MAX_NAME = 255  # bytes on the wire: a length before each label, and a 0 at last

_TOKEN = re.compile(r"\\([0-9]{3})|\\([!-/:-~])|([!-\[\]-~])")

Labels = tuple[bytes, ...]


def split(name: str) -> Labels:
    r"""Return the labels of a name; the root, `"."`, has none.

    Args:
        name: The name as text; a dot at its end changes nothing.

    Raises:
        ValueError: It is no domain name; the message says what is wrong.

    Example:
        >>> split("www.example.com."), split(r"a\.b.c")
        ((b'www', b'example', b'com'), (b'a.b', b'c'))
    """
    if name == ".":
        return ()
    labels = [bytearray()]
    position = 0
    while position < len(name):
        match = _TOKEN.match(name, position)
        if match is None:
            raise ValueError(_bad_character(name, position))
        position = match.end()
        code, escaped, plain = match.groups()
        if plain == ".":
            labels.append(bytearray())
        elif code is None:
            labels[-1].append(ord(escaped or plain))
        elif int(code) < 256:
            labels[-1].append(int(code))
        else:
            raise ValueError(f"{name!r:.80}: \\{code} is no byte, 255 is most")
    if len(labels) > 1 and not labels[-1]:
        labels.pop()
    return _checked(name, tuple(bytes(label) for label in labels))


def _bad_character(name: str, position: int) -> str:
    found = name[position]
    why = "is no character of a domain name"
    if found == "\\":
        why = "begins an escape, and no character or three digits follow"
    elif not found.isascii():
        why = "is not ASCII; give the name as IDNA spells it (xn--...)"
    return f"{name!r:.80} is no domain name: {found!r} {why}"


def _checked(name: str, labels: Labels) -> Labels:
    """Return the labels if their lengths are allowed."""
    if not all(labels):
        raise ValueError(
            f"{name!r:.80} is no domain name: a label is empty; the root is '.'"
        )
    longest = max(map(len, labels))
    if longest > MAX_LABEL:
        raise ValueError(
            f"{name!r:.80} is no domain name: a label has {longest} bytes, "
            f"{MAX_LABEL} is most"
        )
    size = sum(len(label) + 1 for label in labels) + 1
    if size > MAX_NAME:
        raise ValueError(
            f"{name!r:.80}... is no domain name: it has {size} bytes, "
            f"{MAX_NAME} is most"
        )
    return labels


def join(labels: Labels) -> str:
    r"""Return labels as text, without a dot at the end.

    >>> join((b"a.b", b"c")), join(())
    ('a\\.b.c', '.')
    """
    return ".".join("".join(map(_shown, label)) for label in labels) or "."


def _shown(byte: int) -> str:
    if byte in b".\\":
        return f"\\{byte:c}"
    return chr(byte) if 0x20 < byte < 0x7F else f"\\{byte:03d}"


def normalize(name: str) -> str:
    r"""Return a name in the one spelling that `join` gives it; case stays.

    >>> normalize(r"WWW.\101xample.com.")
    'WWW.example.com'
    """
    return join(split(name))


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same; case does not count.

    A comparison with `==` fails on a server that answers in capitals, and
    some do (RFC 4343; on purpose, to make forging harder).

    >>> same_name("WWW.Example.com", "www.example.com.")
    True
    """
    return normalize(one).lower() == normalize(other).lower()
