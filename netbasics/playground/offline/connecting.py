"""Lead connections to the table's servers, and everything else nowhere.

A socket of Python connects by `socket.socket.connect`, whoever uses it:
http.client, urllib3, ssl (whose sockets inherit it), asyncio (which calls it on
a socket that does not block). It is replaced on the class, so that sockets and
libraries that exist already have it as well.
"""

import errno
import socket
from collections.abc import Callable
from typing import Any

from netbasics.playground.offline.names import (
    Host,
    Table,
    is_this_machine,
    literal,
)
from netbasics.playground.offline.patching import Patches
from netbasics.playground.offline.resolving import as_text

__all__ = ["patch_connecting"]

INTERNET = (socket.AF_INET, socket.AF_INET6)


def patch_connecting(patches: Patches, table: Table) -> None:
    """Replace the methods of sockets that take somebody's address."""
    router = _Router(table)
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        if hasattr(socket.socket, name):  # Windows has no sendmsg
            patches.replace(socket.socket, name, getattr(router, name))


class _Router:
    """The methods, each made from the one that it replaces."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def connect(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any, /) -> None:
            original(sock, self.route(sock, address))

        return connect

    def connect_ex(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def connect_ex(sock: socket.socket, address: Any, /) -> int:
            try:
                target = self.route(sock, address)
            except socket.gaierror:
                raise  # as the original does
            except OSError as error:
                return error.errno or errno.ENETUNREACH
            return int(original(sock, target))

        return connect_ex

    def sendto(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def sendto(sock: socket.socket, data: Any, *rest: Any) -> Any:
            if rest:  # [flags,] address
                rest = (*rest[:-1], self.route(sock, rest[-1]))
            return original(sock, data, *rest)

        return sendto

    def sendmsg(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def sendmsg(sock: socket.socket, *args: Any) -> Any:
            if len(args) > 3 and args[3] is not None:
                args = (*args[:3], self.route(sock, args[3]))
            return original(sock, *args)

        return sendmsg

    def route(self, sock: socket.socket, address: Any) -> Any:
        """Return where a socket really is to go.

        Raises:
            socket.gaierror: There is no such name here.
            ConnectionRefusedError: The name has nothing on this port.
            OSError: The address is not on this machine.
        """
        if sock.family not in INTERNET or not isinstance(address, tuple):
            return address
        host = as_text(address[0]) if address else None
        if not isinstance(host, str) or len(address) < 2:
            return address  # the original says what is wrong with it
        ip = literal(host)
        found = self.table.find(host if ip is None else str(ip))
        if found is not None:
            return self._server(sock, found, host, *address[1:])
        if ip is not None or not host:
            # Without a host it is 0.0.0.0: to listen on, not to connect to.
            if ip is None or not ip.is_loopback:
                raise self.table.unreachable(host or "0.0.0.0")
            return address
        if host == "localhost":
            return address
        if is_this_machine(host):
            local = "127.0.0.1" if sock.family == socket.AF_INET else "::1"
            return (local, *address[1:])
        raise self.table.unknown(host)

    def _server(
        self, sock: socket.socket, found: Host, asked: str, port: Any, *_: Any
    ) -> Any:
        """Return the address of the server that stands behind a name."""
        six = sock.family == socket.AF_INET6
        if six and ":" not in asked:
            raise socket.gaierror(
                socket.EAI_FAMILY, f"{found.name} has no IPv6 address here"
            )
        local = "::ffff:127.0.0.1" if six else "127.0.0.1"
        if not isinstance(port, int) or not 0 <= port <= 65535:
            return local, port  # the original says what is wrong with it
        if sock.type == socket.SOCK_STREAM and port in found.ports:
            return local, found.ports[port]
        open_ports = " and ".join(map(str, sorted(found.ports)))
        raise ConnectionRefusedError(
            errno.ECONNREFUSED,
            f"{found.name} port {port}: nothing is there. In the offline "
            f"internet it answers over TCP, on port {open_ports}",
        )
