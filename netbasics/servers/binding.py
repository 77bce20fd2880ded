"""Get a socket that listens, or an error that says what to do."""

import errno
import os
import socket

__all__ = ["bind", "check_address"]


def check_address(host: str, port: int) -> None:
    """Refuse what can never be an address, before anything is opened.

    Raises:
        TypeError: The host is no str, or the port no int.
        ValueError: The host is empty, or the port out of range.

    Example:
        >>> check_address("127.0.0.1", 70000)
        Traceback (most recent call last):
        ValueError: port 70000 is out of range: ports go from 0 to 65535, ...
    """
    if not isinstance(host, str):
        raise TypeError(f"host is a str such as '127.0.0.1', not {host!r}")
    if not host:
        raise ValueError(
            "an empty host would listen on every network: write '127.0.0.1' "
            "for this machine alone, or '0.0.0.0' if you mean it"
        )
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError(f"port is an int from 0 to 65535, not {port!r}")
    if not 0 <= port <= 65535:
        raise ValueError(
            f"port {port} is out of range: ports go from 0 to 65535, and "
            "port=0 takes a free one"
        )


def bind(
    host: str, port: int, kind: socket.SocketKind, *, backlog: int = 0
) -> socket.socket:
    """Return a socket that is bound, and listens if it is a TCP socket.

    Args:
        host: A name or an address.
        port: The port; 0 takes a free one.
        kind: SOCK_STREAM or SOCK_DGRAM.
        backlog: How many connections the kernel completes before we accept
            them; it cuts this to its own limit (net.core.somaxconn).

    Raises:
        OSError: The port is in use or not allowed, or the host is not on this
            machine. The message says what to do.
        socket.gaierror: The host does not resolve.
    """
    family, address = _resolve(host, port, kind)
    stream = kind == socket.SOCK_STREAM
    # The protocol is spelt out: asyncio turns on TCP_NODELAY only where it
    # finds it. Left at 0, as `socket.create_server()` does, replies in two
    # pieces wait 40 ms for a delayed acknowledgement.
    proto = socket.IPPROTO_TCP if stream else socket.IPPROTO_UDP
    sock = socket.socket(family, kind, proto)
    try:
        if stream and os.name == "posix":
            # Without it, connections that ended a minute ago block the port.
            # (On Windows the option means "take the port from its owner".)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        if stream:
            sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise _explain(error, host, port, kind) from error
    return sock


def _resolve(
    host: str, port: int, kind: socket.SocketKind
) -> tuple[int, tuple[object, ...]]:
    """Return the address family and the address to bind to."""
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except (socket.gaierror, UnicodeError) as error:
        code = getattr(error, "errno", None) or socket.EAI_NONAME
        reason = getattr(error, "strerror", None) or str(error)
        raise socket.gaierror(
            code,
            f"the host {host!r} does not resolve ({reason}): check its "
            "spelling, or use '127.0.0.1' for this machine",
        ) from error
    # "localhost" may be both ::1 and 127.0.0.1; most clients here use the
    # latter.
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return found[0][0], found[0][4]


def _explain(
    error: OSError, host: str, port: int, kind: socket.SocketKind
) -> OSError:
    """Return the same error with a message that says what to do."""
    protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
    if error.errno == errno.EADDRINUSE:
        text = (
            f"{protocol} port {port} of {host} is in use: another program, or "
            "another server of this one, listens there. Stop that one, choose "
            "another port, or use port=0 for a free one"
        )
    elif error.errno == errno.EACCES:
        text = (
            f"{protocol} port {port} of {host} may not be used by this user "
            "(ports below 1024 are reserved): use port=0, or one above 1023"
        )
    elif error.errno == errno.EADDRNOTAVAIL:
        text = (
            f"{host} is not an address of this machine, so nothing can listen "
            "on it: use '127.0.0.1'"
        )
    else:
        text = f"cannot listen on {protocol} port {port} of {host}: {error}"
    return OSError(error.errno, text)
