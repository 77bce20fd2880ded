"""`serve(app)`: one call for each kind of app that Python has.

Which kind it is, is seen from the object itself, and nothing is imported to
find out: an object can only be an aiohttp application if aiohttp is imported
already.
"""

import functools
import sys
from typing import TYPE_CHECKING, Any

from netbasics.servers.base import Server
from netbasics.servers.calling import takes

if TYPE_CHECKING:
    import ssl

__all__ = ["kind_of", "serve"]

KINDS = (
    "an http.server handler class (a subclass of BaseHTTPRequestHandler), a "
    "WSGI app (Flask: called as app(environ, start_response)), an ASGI app "
    "(FastAPI, Starlette: async, called as app(scope, receive, send)) or an "
    "aiohttp.web.Application"
)


def serve(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: "ssl.SSLContext | None" = None,
) -> Server:
    """Return a server for an app, not yet started.

    Each kind of app has a server of its own, and each of those has its own
    surprises: pauses of 40 ms, half a second to stop or no stop at all while a
    stream is open, settings for the logs of the whole program. Here all four
    start, answer, count and end in the same way.

    Args:
        app: A handler class of `http.server`, a WSGI app, an ASGI app or an
            aiohttp application.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        tls: Makes it HTTPS; from `certs.Certificate.server_context()`.

    Returns:
        A server for a with-block or `start()`. Its `served` counts requests.
        Its `errors` are the exceptions that left the app, unless the app
        answered them itself (Flask does, with its own 500).

    Raises:
        TypeError: It is none of the four kinds.
        ValueError: The port is out of range.

    Starting it raises OSError if the port is in use, and ServerFailed if the
    app does not start.

    Example:
        >>> def app(environ, start_response):
        ...     start_response("200 OK", [("Content-Type", "text/plain")])
        ...     return [b"hello from ", environ["PATH_INFO"].encode()]
        >>> import urllib.request
        >>> with serve(app) as server:
        ...     urllib.request.urlopen(server.url + "/here").read()
        b'hello from /here'
    """
    options: dict[str, Any] = {"host": host, "port": port, "tls": tls}
    # Imported here, because each of them brings a whole framework's server.
    match kind_of(app):
        case "handler":
            from netbasics.servers.handlers import HandlerServer

            return HandlerServer(app, **options)
        case "wsgi":
            from netbasics.servers.wsgi import WSGIServer

            return WSGIServer(app, **options)
        case "asgi":
            from netbasics.servers.asgi import ASGIServer

            return ASGIServer(app, **options)
        case "aiohttp":
            from netbasics.servers.aiohttp_apps import AiohttpServer

            return AiohttpServer(app, **options)
    raise TypeError(f"serve() takes {KINDS}; not {app!r}")


def kind_of(app: object) -> str | None:
    """Say which kind of app it is.

    Returns:
        `"handler"`, `"wsgi"`, `"asgi"`, `"aiohttp"`, or None.

    Example:
        >>> async def app(scope, receive, send): ...
        >>> kind_of(app)
        'asgi'
        >>> kind_of(lambda environ, start_response: [])
        'wsgi'
    """
    if _is_handler_class(app):
        return "handler"
    web = sys.modules.get("aiohttp.web")
    if web is not None and isinstance(app, web.Application):
        return "aiohttp"
    if not callable(app):
        return None
    # An ASGI app is called with three arguments, a WSGI app with two. Flask
    # and FastAPI objects are both callable, and told apart by just that.
    if takes(app, 3) and (_is_async(app) or not takes(app, 2)):
        return "asgi" if _answers(app, "__await__") else None
    return "wsgi" if takes(app, 2) and _answers(app, "__iter__") else None


def _is_handler_class(app: object) -> bool:
    if isinstance(app, functools.partial):
        app = app.func
    module = sys.modules.get("http.server")
    return (
        module is not None
        and isinstance(app, type)
        and issubclass(app, module.BaseHTTPRequestHandler)
    )


def _is_async(app: Any) -> bool:
    import inspect  # as much work to import as all the rest of this package

    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(
        getattr(app, "__call__", None)  # noqa: B004
    )


def _answers(app: object, method: str) -> bool:
    """Whether calling it can give an answer, if it is a class.

    A class may be an app, its objects being the answers; `Flask` and `FastAPI`
    themselves, handed over by mistake, are not.
    """
    return not isinstance(app, type) or hasattr(app, method)
