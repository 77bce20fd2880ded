"""Answer look-ups from the table, so that no name server is ever asked.

`socket.getaddrinfo` and all that build on it (`create_connection`, urllib3,
asyncio, aiohttp) end in five functions of the C module `_socket`. They are
replaced there, and in each module that has imported one of them by its name.
"""

import _socket
import socket
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from netbasics.playground.offline.names import (
    Host,
    Table,
    is_this_machine,
    literal,
)
from netbasics.playground.offline.patching import Patches

__all__ = ["as_text", "patch_resolving"]

NO_SUCH_HOST = 1  # HOST_NOT_FOUND of <netdb.h>


def patch_resolving(patches: Patches, table: Table) -> None:
    """Replace the functions that look names up."""
    resolver = _Resolver(table)
    for name in (
        "getaddrinfo",
        "gethostbyaddr",
        "gethostbyname",
        "gethostbyname_ex",
        "getnameinfo",
    ):
        make = getattr(resolver, name)
        original = getattr(_socket, name)
        for module in _modules_with(name, original):
            patches.replace(module, name, make)


def _modules_with(name: str, value: object) -> Iterator[ModuleType]:
    for module in list(sys.modules.values()):
        try:
            # Past the module's own __getattr__, which may load something.
            found = object.__getattribute__(module, "__dict__")
        except AttributeError:
            continue  # an object of C that only plays a module
        if isinstance(module, ModuleType) and found.get(name) is value:
            yield module


def as_text(host: Any) -> Any:
    """Return a host as text if it is one; sockets take bytes as well."""
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "replace")
    return host


class _Resolver:
    """The functions, each made from the one that it replaces."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def look_up(self, host: Any) -> tuple[Host | None, Any]:
        """Return the host that was meant, and what to ask the original.

        The latter is always an address, or nothing that needs a name server.

        Raises:
            socket.gaierror: There is no such name here.
        """
        name = as_text(host)
        if not isinstance(name, str) or not name:
            return None, host  # None, "", or what the original refuses
        found = self.table.find(name)
        if found is not None:
            return found, found.address
        if literal(name) is not None or name == "localhost":
            return None, host
        if is_this_machine(name):
            return None, "127.0.0.1"
        raise self.table.unknown(name)

    def getaddrinfo(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(
            host: Any,
            port: Any,
            family: int = 0,
            type: int = 0,
            proto: int = 0,
            flags: int = 0,
        ) -> Any:
            # Who asks for no look-up gets none.
            if flags & socket.AI_NUMERICHOST:
                return original(host, port, family, type, proto, flags)
            found, host = self.look_up(host)
            answers = original(host, port, family, type, proto, flags)
            if found is None or not flags & socket.AI_CANONNAME:
                return answers
            (*first, _, address), *others = answers
            return [(*first, found.name, address), *others]

        return getaddrinfo

    def gethostbyname(self, original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda host, /: original(self.look_up(host)[1])

    def gethostbyname_ex(
        self, original: Callable[..., Any]
    ) -> Callable[..., Any]:
        def gethostbyname_ex(host: Any, /) -> Any:
            found, host = self.look_up(host)
            if found is None:
                return original(host)
            return found.name, [], [found.address]

        return gethostbyname_ex

    def gethostbyaddr(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def gethostbyaddr(host: Any, /) -> Any:
            found, address = self.look_up(host)
            if found is not None:
                return found.name, [], [found.address]
            if not isinstance(address, str) or not address:
                return original(host)
            ip = literal(address)
            if ip is None:
                return original(address)  # localhost
            # The original would ask a name server who has this address.
            if not ip.is_loopback:
                unknown = self.table.unknown(str(ip))
                raise socket.herror(NO_SUCH_HOST, unknown.strerror)
            name = "localhost" if literal(as_text(host)) else as_text(host)
            return name, [], [str(ip)]

        return gethostbyaddr

    def getnameinfo(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def getnameinfo(address: Any, flags: int, /) -> Any:
            host, service = original(address, flags | socket.NI_NUMERICHOST)
            if flags & socket.NI_NUMERICHOST:
                return host, service
            found = self.table.find(host)
            ip = literal(host)
            if found is not None:
                host = found.name
            elif ip is not None and ip.is_loopback:
                host = "localhost"
            elif flags & socket.NI_NAMEREQD:
                raise self.table.unknown(host)
            return host, service

        return getnameinfo
