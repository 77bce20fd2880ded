"""Start the servers behind the names, with a certificate for each."""

import re
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from netbasics.playground import services
from netbasics.playground.offline.names import (
    Table,
    is_this_machine,
    literal,
    plain,
)
from netbasics.playground.offline.site import site
from netbasics.playground.store import Store
from netbasics.servers import Server, serve

__all__ = ["NAMES", "Hosting"]

#: The names of the offline internet, and who answers for each: a service of the
#: playground, or an app.
NAMES: dict[str, Any] = {
    "api.github.com": "textbook",
    "api.example.com": "textbook",
    "httpbin.org": "httpbin",
    "www.httpbin.org": "httpbin",
    "www.example.com": site,
    "example.com": site,
    "www.example.org": site,
    "example.org": site,
    "www.example.net": site,
    "example.net": site,
}
PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Running(NamedTuple):
    """What runs already: the port it has for each port that it stands for."""

    ports: dict[int, int]


class Hosting:
    """The servers of the offline internet, each name on HTTP and HTTPS.

    Args:
        extra: More names: an app (of a kind that `servers.serve()` takes), a
            `Server`, or the URL of what runs on this machine already.

    Raises:
        ValueError: An extra name cannot be one, or its URL leads elsewhere.

    After `start()`, `table` says where everything is.
    """

    def __init__(self, extra: Mapping[str, Any] | None = None) -> None:
        self._wanted: dict[str, Any] = dict(NAMES)
        for name, what in (extra or {}).items():
            self._wanted[_checked_name(name)] = _checked(name, what)
        self._servers: list[Server] = []
        self._stores: list[Store] = []
        self.table = Table([])

    def start(self) -> Self:
        """Start all servers.

        Raises:
            TypeError: An extra app is none.
        """
        from netbasics.certs import Authority

        authority = Authority()
        try:
            ports = self._serve_all(authority)
        except BaseException:
            self.stop()
            raise
        pem = authority.pem.decode("ascii")
        self.table = Table.of(ports, pem)
        return self

    def _serve_all(self, authority: Any) -> dict[str, dict[int, int]]:
        """Return the ports of each name: its own, and that of the server."""
        self._stores = [Store(), Store(users=services.PEOPLE)]
        ports: dict[str, dict[int, int]] = {}
        for what, names in _grouped(self._wanted):
            if isinstance(what, Running):
                found = what.ports
            else:
                found = self._serve(what, authority.issue(*names))
            ports |= dict.fromkeys(names, found)
        # In the order in which they were given.
        return {name: ports[name] for name in self._wanted}

    def _serve(self, what: Any, certificate: Any) -> dict[int, int]:
        app = what
        if isinstance(what, str):
            app = services.make_app(what, *self._stores)
        found = {}
        for scheme, tls in (
            ("http", None),
            ("https", certificate.server_context()),
        ):
            server = serve(app, tls=tls).start()
            self._servers.append(server)
            found[PORTS[scheme]] = server.port
        return found

    def stop(self) -> None:
        """Stop all of them. Stopping twice is fine."""
        servers, self._servers = self._servers, []
        threads = [
            threading.Thread(target=server.stop, name=f"stop {server.port}")
            for server in servers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while self._stores:
            self._stores.pop().close()


def _grouped(wanted: Mapping[str, Any]) -> list[tuple[Any, list[str]]]:
    """Return each thing to serve once, with all of its names."""
    groups: dict[Any, tuple[Any, list[str]]] = {}
    for name, what in wanted.items():
        key = what if isinstance(what, str) else id(what)
        groups.setdefault(key, (what, []))[1].append(name)
    return list(groups.values())


def _checked_name(name: str) -> str:
    """Return a name as it is compared; refuse what cannot be one."""
    if not isinstance(name, str):
        raise TypeError(f"a name is a text, not {name!r}")
    usable = all(LABEL.fullmatch(label) for label in plain(name).split("."))
    if not usable or literal(name) or is_this_machine(name):
        raise ValueError(
            f"{name!r} cannot be a name of the offline internet: give a bare "
            "host name such as 'my.shop', without scheme, port or path"
        )
    return plain(name)


def _checked(name: str, what: Any) -> Any:
    """Return an app as it is, and of what runs already the ports.

    Raises:
        ValueError: It is no URL of this machine.
    """
    url = what.url if isinstance(what, Server) else what
    if not isinstance(url, str):
        return what
    parts = urlsplit(url)
    host = parts.hostname or ""
    here = host == "localhost" or literal(host) == literal("127.0.0.1")
    # Of https, no client would trust the certificate that is there.
    if parts.scheme != "http" or not here or parts.path.strip("/"):
        raise ValueError(
            f"{name!r} cannot lead to {url!r}: give an app, or a URL such as "
            "'http://127.0.0.1:8000', of this machine and without a path"
        )
    return Running({PORTS["http"]: parts.port or PORTS["http"]})
