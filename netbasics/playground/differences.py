"""Where the three users APIs differ: what each framework does by itself.

The API defines neither of these requests, and nothing here makes the three
alike: lesson 3 sends them, and what comes back is what you get from
`http.server`, Flask and FastAPI if you do nothing about it.
"""

from typing import NamedTuple

__all__ = ["DIFFERENCES", "Difference"]


class Difference(NamedTuple):
    """A request to which the three answer differently.

    Attributes:
        what: What is asked, in a few words.
        method: The method.
        target: Path and query, to be sent exactly as they are; do not follow
            redirects.
        why: Who does what, and why that matters.
    """

    what: str
    method: str
    target: str
    why: str


DIFFERENCES = (
    Difference(
        "HEAD instead of GET",
        "HEAD",
        "/users",
        "Flask answers HEAD wherever it answers GET, without the body. "
        "http.server and FastAPI do so only where a function says it.",
    ),
    Difference(
        "OPTIONS: what is possible here?",
        "OPTIONS",
        "/users",
        "Flask answers by itself, with an Allow header.",
    ),
    Difference(
        "a method in small letters",
        "get",
        "/users",
        "Methods have capital letters (RFC 9110, 9.1); Flask does not mind.",
    ),
    Difference(
        "a slash at the end",
        "GET",
        "/users/",
        "FastAPI redirects (307) to the path without it; to the others it is "
        "another path.",
    ),
    Difference(
        "two slashes at the start",
        "GET",
        "//users",
        "http.server makes one of them, also where it is under Flask, as "
        "here; uvicorn passes both on, and to FastAPI that is another path.",
    ),
    Difference(
        "a line feed at the end of the path",
        "GET",
        "/users%0A",
        "FastAPI's regular expression ends in $, which also matches before a "
        "last line feed.",
    ),
    Difference(
        "a query of 70,000 characters",
        "GET",
        "/users?" + "x" * 70_000,
        "http.server, also under Flask, reads 65,536 bytes of a first line and "
        "then says 414. uvicorn takes it (200) if it comes in one piece, and "
        "else says 400.",
    ),
    Difference(
        "the interactive page",
        "GET",
        "/docs",
        "FastAPI describes the API from the types of its functions.",
    ),
)
