"""From a base URL and an endpoint to the URL that is requested. No I/O.

Both usual ways to combine them are wrong. `urljoin` with `/users` drops the
path of the base, `/api/v1`; `base + "/" + endpoint` makes `//` or forgets `/`,
depending on who wrote a slash where. And an endpoint that is made of somebody's
input can lead elsewhere, with the key in hand: to another host, or by `..` out
of the base.
"""

import re
from collections.abc import Iterable, Mapping

from netbasics.errors import InvalidURL
from netbasics.urls import (
    URL,
    build,
    encode_query,
    join,
    parse,
    redact,
    unquote,
    validate,
)

__all__ = ["Base", "Endpoint", "Params", "param", "with_params"]

Endpoint = str | tuple[object, ...]
Params = Mapping[str, object] | Iterable[tuple[str, object]] | None

# With its slashes: `users:search` is a path.
_WHOLE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?//")


class Base:
    """Where an API begins; it knows what is inside and what is not.

    Args:
        text: An http or https URL without query and fragment, such as
            `https://example.org/api/v1`; a slash at its end is the same.

    Raises:
        InvalidURL: It is none.

    Example:
        >>> base = Base("https://example.org/api/v1")
        >>> base.url("/users"), base.url("users?page=2")
        ('https://example.org/api/v1/users', 'https://example.org/api/v1/users?page=2')
        >>> base.url(("users", "a/b"), {"tag": ["x", "y"]})
        'https://example.org/api/v1/users/a%2Fb?tag=x&tag=y'
    """

    def __init__(self, text: str | URL) -> None:
        url = validate(text)
        if "?" in str(url) or "#" in str(url) or url.username is not None:
            raise InvalidURL(
                f"the base URL {redact(url)!r} has a query, a fragment or a "
                "password: give an address and a path; the key is api_key="
            )
        self._url = url
        self._root = str(url).rstrip("/")

    @property
    def origin(self) -> str:
        """Scheme, host and port: where the key may be sent."""
        return self._url.origin

    def url(self, endpoint: Endpoint, params: Params = None) -> str:
        """Return the URL of an endpoint.

        Args:
            endpoint: A path below the base, with or without a slash in front,
                and perhaps with a query. It is taken as it is written, so what
                it is made of must have been escaped. Or a tuple of segments,
                which are escaped here: `("users", name)`. Or a whole URL of
                the same origin, as servers send them.
            params: Added to the query; None is left out, a list repeats.

        Raises:
            InvalidURL: It leads to another origin or out of the base, or it
                has what is not allowed in a URL.
            TypeError: It is neither text nor a tuple.
        """
        if isinstance(endpoint, tuple):
            url = build(self._root, *endpoint)
        elif not isinstance(endpoint, str):
            raise TypeError(
                "an endpoint is a path such as 'users', or a tuple of its "
                f"segments, and this is {type(endpoint).__name__}"
            )
        elif _WHOLE.match(endpoint):
            url = self.follow(str(self._url), endpoint)
        else:
            url = self._below(endpoint)
        _refuse_dots(url)
        return with_params(url, params)

    def follow(self, here: str, link: str) -> str:
        """Return where a link leads that came with the response of `here`.

        A fragment is left off: it is for the reader, and never sent.

        Raises:
            InvalidURL: It leads to another origin, which must not see the key.
        """
        url = validate(join(here, link))
        if url.origin != self.origin:
            raise InvalidURL(
                f"{redact(link)!r} leads to {url.origin}, and this client "
                f"talks to {self.origin} only: its key must not go elsewhere"
            )
        return str(url).partition("#")[0]

    def _below(self, endpoint: str) -> str:
        if "#" in endpoint:
            raise InvalidURL(
                f"the endpoint {redact(endpoint)!r} has a '#': what follows "
                "is never sent; if it belongs to a name, escape it (%23)"
            )
        if not endpoint or endpoint.startswith("?"):
            url = f"{self._url}{endpoint}"
        else:
            url = f"{self._root}/{endpoint.removeprefix('/')}"
        return str(validate(url))

    def __str__(self) -> str:
        return str(self._url)


def _refuse_dots(url: str) -> None:
    """Refuse `..` in every spelling that a server may undo."""
    path = unquote(parse(url).path, errors="replace")
    for segment in re.split(r"[/\\]", path):
        # Some servers cut a parameter off (`..;x`) before they look.
        if segment.partition(";")[0] in (".", ".."):
            raise InvalidURL(
                f"{redact(url)!r} has a segment {segment!r}, which leads to "
                "another place than it says: leave it out"
            )


def with_params(url: str, params: Params, *, replace: bool = False) -> str:
    """Return a URL with parameters added to its query; the rest stays.

    Args:
        url: A URL without a fragment.
        params: Names and values.
        replace: Whether to remove those of the same name that it has.

    Example:
        >>> with_params("http://h/?a=&page=1&a=%20", {"page": 2}, replace=True)
        'http://h/?a=&a=%20&page=2'
    """
    pairs = list(
        params.items() if isinstance(params, Mapping) else params or []
    )
    start, question, query = url.partition("?")
    fields = query.split("&") if query else []
    if replace:
        names = {name for name, _ in pairs}
        fields = [field for field in fields if _name(field) not in names]
    fields += [added] if (added := encode_query(pairs)) else []
    return f"{start}?{'&'.join(fields)}" if fields else start + question


def _name(field: str) -> str:
    name = field.partition("=")[0].replace("+", " ")
    return unquote(name, errors="replace")


def param(url: str, name: str) -> str | None:
    """Return the last value of a parameter in a URL, or None.

    >>> param("http://h/?page=1&page=2", "page")
    '2'
    """
    values = [
        unquote(field.partition("=")[2].replace("+", " "), errors="replace")
        for field in url.partition("?")[2].split("&")
        if _name(field) == name
    ]
    return values[-1] if values else None
