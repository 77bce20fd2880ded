"""Servers that are ready when their with-block begins and gone when it ends.

    >>> from netbasics import servers, sockets
    >>> with servers.EchoServer() as server:
    ...     sockets.ask(server.address, b"hi")
    b'hi'

Three kinds of server, one way to use them:

- `TCPServer(handler)` and `UDPServer(handler)` call a function;
- `EchoServer`, `UDPEchoServer` and `GreetingServer(greeting)` are there to be
  talked to;
- `serve(app)` takes an app: an `http.server` handler class, WSGI, ASGI, or
  aiohttp.

Each of them is a `Server`: a with-block or `start()` and `stop()`, `address`,
`url`, `port`, `served`, `errors`, `stuck`, and a repr with its live state. They
listen on 127.0.0.1 and a free port unless told otherwise.

What each file is for, from the bottom up: `binding` gets a port; `base` is the
life of a server; `timeouts`, `connections` and `workers` carry `tcp`; `udp` and
`echo` stand beside it. `streams`, `bodies` and `handlers` make HTTP of it,
`replies` and `wsgi` make WSGI of that. `exchanges` and `loops` run an event
loop; `lifespan`, `asgi_replies` and `asgi` put uvicorn into it, `aiohttp_apps`
aiohttp. And `apps` chooses.
"""

from netbasics.servers.apps import serve
from netbasics.servers.base import Server
from netbasics.servers.echo import EchoServer, GreetingServer, UDPEchoServer
from netbasics.servers.tcp import TCPServer
from netbasics.servers.udp import UDPServer

__all__ = [
    "EchoServer",
    "GreetingServer",
    "Server",
    "TCPServer",
    "UDPEchoServer",
    "UDPServer",
    "serve",
]
