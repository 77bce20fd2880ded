"""The web site of www.example.com: one page, and nothing else.

A WSGI app without a framework. The page says what the real one says: that the
name is there for examples (RFC 2606).
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

__all__ = ["site"]

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
"""
ABOUT = (
    "This name is kept free for examples, in texts such as the one you may be "
    "reading. No need to ask anybody before you use it. (This page comes from "
    "the offline internet on your own machine.)"
)


def site(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer one request."""
    status, title, text = HTTPStatus.OK, "Example Domain", ABOUT
    headers = []
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        status = HTTPStatus.METHOD_NOT_ALLOWED
        headers.append(("Allow", "GET, HEAD"))
    elif environ["PATH_INFO"] not in ("", "/", "/index.html"):
        status = HTTPStatus.NOT_FOUND
    if status is not HTTPStatus.OK:
        title, text = f"{status.value} {status.phrase}", status.description
    body = PAGE.format(title=title, text=text).encode()
    headers += [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
