"""The connect step: from a host and a port to a connected socket.

urllib3 gives every address of a name the whole timeout, one after the other,
and the look-up has none at all. Here one deadline covers look-up and addresses.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from functools import partial

from netbasics import guard
from netbasics.deadlines import Deadline

__all__ = ["Dial", "PublicDial", "dial"]

Dial = Callable[[str, str, int, Deadline], socket.socket]
"""Called as `dial(scheme, host, port, deadline)`."""


def dial(
    scheme: str, host: str, port: int, deadline: Deadline
) -> socket.socket:
    """Connect to a host by name or address, whichever of its addresses answers.

    Each address gets an equal share of the time that is left, so that a silent
    first one does not use up all of it.

    Raises:
        TimeoutError: There was no answer within the deadline.
        OSError: The last address refused, or the name is unknown.

    Example:
        >>> with socket.create_server(("127.0.0.1", 0)) as listener:
        ...     port = listener.getsockname()[1]
        ...     with dial("http", "127.0.0.1", port, Deadline(5)) as sock:
        ...         sock.getpeername()[1] == port
        True
    """
    ips = [host] if _is_address(host) else guard.resolve(host, timeout=deadline)
    last = OSError(f"{host} has no address")
    for index, ip in enumerate(ips):
        left = deadline.timeout(doing=f"connecting to {ip} port {port}")
        share = None if left is None else left / (len(ips) - index)
        try:
            return socket.create_connection((ip, port), timeout=share)
        except OSError as error:
            last = error
    raise last


class PublicDial:
    """A connect step that contacts checked public addresses only.

    It gives the guard the very host and port that the client is about to
    contact, so the two cannot read a URL differently, and connects to the
    addresses that the guard looked at, so no second look-up can change them.
    TLS still asks for, and checks, the name.

    Args:
        resolver: `resolver(host)` returns IP addresses; None is the system's.
        connect: `connect(ip, port)` returns a connected socket; None is the
            system's. A test can lead "public" addresses to loopback with it.
    """

    def __init__(
        self,
        resolver: Callable[[str], Iterable[str]] | None = None,
        connect: Callable[[str, int], socket.socket] | None = None,
    ) -> None:
        self._resolver = resolver
        self._connect = connect

    def __call__(
        self, scheme: str, host: str, port: int, deadline: Deadline
    ) -> socket.socket:
        """Check the host and connect to one of its checked addresses.

        Raises:
            UnsafeURL: An address is not public.
            OSError: As `dial`.
        """
        name = f"[{host}]" if ":" in host else host
        resolver = self._resolver or partial(guard.resolve, timeout=deadline)
        checked = guard.check_public(
            f"{scheme}://{name}:{port}/", resolver=resolver
        )
        return checked.connect(timeout=deadline, connect=self._connect)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
