"""Say where a tap leads to, and that it may."""

import ipaddress
import re
import socket
from typing import Any

from netbasics import urls
from netbasics.deadlines import Deadline
from netbasics.errors import UnsafeURL
from netbasics.sockets import Address
from netbasics.sockets.connecting import host_and_port, look_up

__all__ = ["Target", "find"]


class Target:
    """Where a tap leads to.

    Args:
        target: A pair (host, port), a text `"HOST:PORT"`, a URL, or something
            that has an `.address`, such as a server.

    Attributes:
        host: A name or an address.
        port: Its port.
        scheme: What the tap's URL begins with.

    Raises:
        TypeError, ValueError: It is none of these.

    Example:
        >>> target = Target("localhost:8000")
        >>> target.host, target.port, target.scheme
        ('localhost', 8000, 'http')
    """

    def __init__(self, target: Any) -> None:
        self.scheme = "http"
        address = target
        if isinstance(target, str):
            text = target if "://" in target else f"http://{target}"
            url = urls.parse(text)
            # A URL without a port has its scheme's; HOST alone says nothing.
            said = "://" in target or re.search(r":[0-9]+$", target)
            if not said or url.port is None or url.host is None:
                raise ValueError(
                    f"{target!r} has no port: write HOST:PORT, such as "
                    "127.0.0.1:8000"
                )
            self.scheme = url.scheme
            address = url.host, url.port
        elif hasattr(target, "address"):
            address = target.address
            self.scheme = str(getattr(target, "url", "http:")).partition(":")[0]
        self.host, self.port = host_and_port(address)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def find(
    target: Target, kind: socket.SocketKind, *, remote: bool, timeout: float
) -> list[Address]:
    """Return the target's addresses in digits, in the order to try them.

    Args:
        target: Where to.
        kind: SOCK_STREAM or SOCK_DGRAM.
        remote: Whether it may be another machine.
        timeout: Seconds for the look-up of a name.

    Raises:
        UnsafeURL: It is another machine and `remote` was not said.
        socket.gaierror: The name does not resolve.
        DeadlineExceeded: It did not in time.
    """
    found = look_up(target.host, target.port, kind, Deadline(timeout))
    for entry in found:
        if not remote and not _is_loopback(entry[4][0]):
            raise UnsafeURL(
                f"{target} is {entry[4][0]}, which is not this machine: a tap "
                "forwards what anybody here sends it. If you mean it, say "
                "remote=True (on the command line, --remote)"
            )
    return [entry[4][:2] for entry in found]


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
