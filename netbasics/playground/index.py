"""The playground's own page: which services there are, and what to ask them.

A WSGI app without a framework: a function that takes a dict and returns bytes
(PEP 3333). Browsers get a web page, everything else gets JSON.
"""

import json
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from netbasics.playground.services import SERVICES, requests_to_try

__all__ = ["create_app"]

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>netbasics playground</title>
<style>
body {{ font-family: sans-serif; max-width: 50em; margin: 2em auto; }}
code {{ display: block; overflow-x: auto; white-space: pre; padding: .4em;
       background: #eee; color: #222; }}
</style>
<h1>netbasics playground</h1>
<p>Practice APIs on this machine. Copy a command into another terminal.</p>
{services}
</html>
"""


def create_app(urls: Callable[[], dict[str, str]]) -> WSGIApp:
    """Make the page.

    Args:
        urls: Returns the URL of each service, by name; called for each
            request, so that services may be started as late as that.
    """

    def index(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        status, kind, text = answer(environ, urls)
        body = text.encode()
        start_response(
            status,
            [("Content-Type", kind), ("Content-Length", str(len(body)))],
        )
        return [body]

    return index


def answer(
    environ: dict[str, Any], urls: Callable[[], dict[str, str]]
) -> tuple[str, str, str]:
    """Return the status line, the content type and the text."""
    if environ["PATH_INFO"] not in ("", "/"):
        return "404 Not Found", "application/json", '{"error": "try /"}\n'
    found = describe(urls())
    if "text/html" in environ.get("HTTP_ACCEPT", ""):
        return "200 OK", "text/html; charset=utf-8", as_html(found)
    return "200 OK", "application/json", json.dumps(found, indent=2) + "\n"


def describe(urls: dict[str, str]) -> dict[str, Any]:
    """Return what the page says, as data."""
    return {
        name: {
            "about": SERVICES[name],
            "url": url,
            "requests": [
                {"what": what, "command": command}
                for what, command in requests_to_try(name, url)
            ],
        }
        for name, url in urls.items()
    }


def as_html(found: dict[str, Any]) -> str:
    """Return the page; every text in it is escaped."""
    parts = []
    for name, service in found.items():
        url = escape(service["url"])
        parts.append(f"<h2>{escape(name)}</h2>")
        parts.append(f"<p>{escape(service['about'])}</p>")
        parts.append(f'<p><a href="{url}/">{url}</a></p>')
        for each in service["requests"]:
            parts.append(f"<p>{escape(each['what'])}</p>")
            parts.append(f"<code>{escape(each['command'])}</code>")
    return PAGE.format(services="\n".join(parts))
