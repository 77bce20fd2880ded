"""Make new URLs of old ones: join, build, normalize."""

import re

from netbasics.errors import InvalidURL
from netbasics.urls.parsing import DEFAULT_PORTS, URL, parse
from netbasics.urls.parts import refusal, remove_dot_segments, split, unsplit
from netbasics.urls.quoting import (
    UNRESERVED,
    encode_query,
    escape_unicode,
    quote,
)

__all__ = ["build", "join", "normalize"]

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_LONE_PERCENT = re.compile(r"%[0-9A-Fa-f]?\Z")


def join(base: str | URL, ref: str | URL) -> str:
    """Return where a link leads that was found at `base`.

    It is what a browser does with a link, and it has traps that look like
    mistakes until one knows the rules:

    - the last segment of the base goes: `/api/v1` and `users` is `/api/users`;
    - a leading `/` drops the whole path: `/users`;
    - a leading `//` changes the host, and a scheme changes everything;
    - `..` stops at the root.

    To append to a path use `build`. If the link came from outside, compare
    `parse(result).origin` with the origin that you meant.

    Args:
        base: A whole URL.
        ref: A link: relative, absolute or whole.

    Raises:
        InvalidURL: The base is no URL, or the result would be none.
        TypeError: One of them is not a text.

    Example:
        >>> join("http://example.org/api/v1", "users?page=2")
        'http://example.org/api/users?page=2'
        >>> join("http://example.org/api/v1/", "users")
        'http://example.org/api/v1/users'
        >>> join("http://example.org/api/v1", "//other.example/x")
        'http://other.example/x'

    Source: RFC 3986, section 5.2, read strictly: `http:g` stays `http:g`, and
    `parse` refuses that, since it has no host.
    """
    if not isinstance(ref, str | URL):
        raise TypeError(f"a link is text, and this is {type(ref).__name__}")
    scheme, authority, path, query, _ = split(str(parse(base)))
    ref_scheme, ref_authority, ref_path, ref_query, fragment = split(str(ref))
    if ref_scheme is not None:
        scheme, authority, query = ref_scheme, ref_authority, ref_query
        path = remove_dot_segments(ref_path)
    elif ref_authority is not None:
        authority, query = ref_authority, ref_query
        path = remove_dot_segments(ref_path)
    elif ref_path:
        path = remove_dot_segments(_merge(authority, path, ref_path))
        query = ref_query
    elif ref_query is not None:
        query = ref_query
    joined = unsplit(scheme, authority, path, query, fragment)
    return str(parse(joined)) if authority is not None else joined


def _merge(authority: str | None, path: str, ref_path: str) -> str:
    """Put a path in the place of the base's last segment (5.2.3)."""
    if ref_path.startswith("/"):
        return ref_path
    if authority is not None and not path:
        return f"/{ref_path}"
    return path[: path.rfind("/") + 1] + ref_path


def build(base: str | URL, /, *segments: object, **query: object) -> str:
    """Append segments to a URL's path and parameters to its query.

    An f-string of a base and a name breaks with the first name that has a
    `/`, a `?` or a `#` in it, and lets its owner choose another path. Here
    every segment is one segment at the server too, whatever is in it.

    Args:
        base: A whole URL with a host. Its path, query and fragment are kept;
            one slash at the end of its path makes no difference.
        segments: Texts or numbers, each one segment. An empty one is kept.
        query: Parameters, as in `encode_query`: None is left out, a list
            repeats. They come after those that the base has. A name that is
            no Python name goes in as `**{"per-page": 5}`.

    Raises:
        InvalidURL: The base is no URL with a host, or a segment is `.` or `..`,
            which servers resolve even when they are escaped.
        TypeError: A segment is None, bool or neither text nor number; a value
            is bytes.

    Example:
        >>> build("https://example.org/api/", "users", "a/b", page=2, tag=None)
        'https://example.org/api/users/a%2Fb?page=2'
    """
    url = parse(base)
    if not url.host:
        raise refusal(url, "it has no host, so nothing can be appended to it")
    scheme, authority, path, old, fragment = split(str(url))
    if segments:
        path = path.removesuffix("/")
        path += "".join(f"/{_segment(segment)}" for segment in segments)
    added = encode_query(query)
    if added:
        old = f"{old}&{added}" if old else added
    return unsplit(scheme, authority, path, old, fragment)


def _segment(segment: object) -> str:
    if isinstance(segment, bool) or not isinstance(segment, str | int | float):
        raise TypeError(
            f"a segment is a text or a number, and {segment!r:.60} is "
            f"{type(segment).__name__}"
        )
    text = str(segment)
    if text in (".", ".."):
        raise InvalidURL(
            f"the segment {text!r} means another folder, and so it does when "
            "it is escaped: refuse it where it came from"
        )
    return quote(text)


def normalize(text: str | URL) -> str:
    """Return the one spelling that equivalent URLs share.

    `HTTP://Example.org:80/%7euser/./` and `http://example.org/~user/` are the
    same; a cache or a crawler that compares texts does not see it. The scheme
    and host get lower case, escapes upper case, needless escapes go, dot
    segments are resolved, the scheme's own port goes, no path becomes `/`.
    Letters outside ASCII are escaped, as a client sends them.

    What might change the meaning stays: `%2F`, the order of the query, an
    empty `?` or `#`, a `%` that begins no escape, the case of the user name.

    Raises:
        InvalidURL: It is no URL.

    Example:
        >>> normalize("HTTP://Example.org:80/%7euser/./a%2fb?")
        'http://example.org/~user/a%2Fb?'

    Doing it twice changes nothing more.

    Source: RFC 3986, sections 6.2.2 and 6.2.3; RFC 3987, section 3.1.
    """
    url = parse(text)
    _, authority, path, query, fragment = split(str(url))
    path = remove_dot_segments(_normal(path))
    if authority is not None:
        userinfo, at, _ = authority.rpartition("@")
        authority = _normal(userinfo) + at + _host_and_port(url)
        path = path or ("/" if url.scheme in DEFAULT_PORTS else "")
    return unsplit(
        url.scheme,
        authority,
        path,
        None if query is None else _normal(query),
        None if fragment is None else _normal(fragment),
    )


def _normal(part: str) -> str:
    return _decode_needless(escape_unicode(part))


def _host_and_port(url: URL) -> str:
    # Only schemes with hosts of their own may have escapes here. What they
    # hid is a part of the name, so its case does not count either.
    host = _decode_needless(url.authority).lower()
    return _ESCAPE.sub(lambda escape: escape[0].upper(), host)


def _decode_needless(part: str) -> str:
    def rewrite(escape: re.Match[str]) -> str:
        char = chr(int(escape[1], 16))
        before = part[max(0, escape.start() - 2) : escape.start()]
        # In `%4%31` only the `1` is escaped. Decoded it would be `%41`, an
        # escape that was none, and the next reader would see an `A`.
        if char in UNRESERVED and not _LONE_PERCENT.search(before):
            return char
        return escape[0].upper()

    return _ESCAPE.sub(rewrite, part)
