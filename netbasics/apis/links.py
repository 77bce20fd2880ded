"""Read the Link header: where the next page is, in the server's own words.

    Link: </users?page=2>; rel="next", </users?page=9>; rel="last"

It looks as if it could be split at commas, and then a comma inside a URL or a
title ends a link in its middle.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Link", "parse_link_header"]

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*
    ([^\s=;,"]*)                   # a name, perhaps none: ';;' is allowed
    (?:\s*=\s*
      (?: "((?:[^"\\]|\\.)*)"?     # a quoted string; a missing end is its end
        | ([^\s;,]*) )             # or a token
    )?""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a Link header.

    Args:
        url: The target as it was written; it may be relative to the URL of
            the response.
        rel: What it is to the response, in lower case: "next", "last".
        params: All parameters, by their names in lower case; of several with
            one name the first counts.
    """

    url: str
    rel: str
    params: Mapping[str, str] = field(default_factory=dict)


def parse_link_header(value: str | None) -> list[Link]:
    """Return the links of a Link header.

    Args:
        value: The header as it came; None if there was none. Several headers
            are one, with commas between them.

    Returns:
        One `Link` for each relation: `rel="next last"` makes two. A link
        without a relation says nothing and is left out, and so is what cannot
        be read: there is no way to ask the server what it meant.

    Example:
        >>> header = '</a,b>; rel="next last"; title="x, y"'
        >>> for link in parse_link_header(header):
        ...     print(link.rel, link.url, link.params["title"])
        next /a,b x, y
        last /a,b x, y
        >>> parse_link_header(None)
        []

    Source: RFC 8288, section 3 and appendix B.2.
    """
    links: list[Link] = []
    text = value or ""
    at = 0
    while target := _TARGET.match(text, at):
        params, at = _parameters(text, target.end())
        links += [
            Link(target[1].strip(), rel.lower(), params)
            for rel in params.get("rel", "").split()
        ]
        at = _next_comma(text, at)
    return links


def _parameters(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the parameters of one link, and where they end."""
    params: dict[str, str] = {}
    while found := _PARAMETER.match(text, at):
        name, quoted, token = found.groups()
        value = token or "" if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if name:
            params.setdefault(name.lower(), value)
        at = found.end()
    return params, at


def _next_comma(text: str, at: int) -> int:
    """Return where the next link may begin; what stands before is garbage."""
    comma = text.find(",", at)
    return len(text) if comma < 0 else comma
