"""What the offline internet holds: which names, and where each one is served.

Every name gets an address of its own in 127.0.0.0/8. Nobody listens on it: it
stands for the name until a socket connects. Then address and port, such as
127.44.3.1 port 443, are exchanged for those of a server on this machine. So
ports 80 and 443 can be used, which only root may listen on.

    >>> table = Table.of({"www.example.com": {80: 40123}})
    >>> table.find("WWW.Example.com.")
    Host(name='www.example.com', address='127.44.3.1', ports={80: 40123})
    >>> table.find("127.44.3.1").name
    'www.example.com'
    >>> table.find("pypi.org")
"""

import contextlib
import errno
import ipaddress
import json
import re
import socket
from collections.abc import Mapping
from typing import NamedTuple, Self

__all__ = ["Host", "Table", "is_this_machine", "literal", "plain"]

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# An address of 127.0.0.0/8 that people do not use themselves, unlike 127.0.0.2.
FIRST = ipaddress.IPv4Address("127.44.3.1")
# The spellings that only the C library knows: 127.1, 0x7f.1, 2130706433.
NUMBERS = re.compile(r"[0-9][0-9a-fx.]*", re.IGNORECASE)


class Host(NamedTuple):
    """One name: its address, and which port of 127.0.0.1 each port stands for.

    It can be reached by TCP alone, and on these ports alone.
    """

    name: str
    address: str
    ports: dict[int, int]


class Table:
    """All names of the offline internet, and the authority they trust.

    Args:
        hosts: The names.
        pem: The certificate of the authority, as PEM.

    It never changes, so threads may share it.
    """

    def __init__(self, hosts: list[Host], pem: str = "") -> None:
        self.hosts = hosts
        self.pem = pem
        self._found = {host.name: host for host in hosts}
        self._found |= {host.address: host for host in hosts}

    @classmethod
    def of(cls, ports: Mapping[str, dict[int, int]], pem: str = "") -> Self:
        """Give each name an address."""
        return cls(
            [
                Host(name, str(FIRST + number), dict(ports[name]))
                for number, name in enumerate(ports)
            ],
            pem,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json()` wrote."""
        found = json.loads(text)
        hosts = [
            Host(name, address, {int(port): to for port, to in ports.items()})
            for name, address, ports in found["hosts"]
        ]
        return cls(hosts, found["pem"])

    def to_json(self) -> str:
        """Write it as text, for another process."""
        return json.dumps({"hosts": self.hosts, "pem": self.pem})

    def find(self, host: str) -> Host | None:
        """Return who has this name or address, or None."""
        return self._found.get(plain(host))

    def unknown(self, name: str) -> socket.gaierror:
        """Return the error for a name that nobody has here."""
        return socket.gaierror(
            socket.EAI_NONAME,
            f"no host {name!r:.100}: this is the offline internet, it {self}",
        )

    def unreachable(self, address: str) -> OSError:
        """Return the error for an address outside of this machine."""
        return OSError(
            errno.ENETUNREACH,
            f"no way to {address}: this is the offline internet, it {self}",
        )

    def __str__(self) -> str:
        """Say what there is, as the end of a sentence."""
        names = ", ".join(sorted(host.name for host in self.hosts))
        return f"holds {names} and this machine (localhost, 127.0.0.1)"


def plain(host: str) -> str:
    """Return a name as it is compared: without case and without a last dot.

    >>> plain("Bücher.Example.")
    'xn--bcher-kva.example'
    """
    name = host.lower().removesuffix(".")
    if not name.isascii():
        with contextlib.suppress(UnicodeError):  # then it is nobody's
            name = name.encode("idna").decode("ascii")
    return name


def literal(host: str) -> IP | None:
    """Return the address that is written as `host`; None if it is a name.

    >>> literal("127.1")
    IPv4Address('127.0.0.1')
    >>> literal("::ffff:8.8.8.8")
    IPv4Address('8.8.8.8')
    >>> literal("www.example.com")
    """
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        if not NUMBERS.fullmatch(host):
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    # ::ffff:127.0.0.1 is loopback as well, which Python 3.11 does not say.
    return getattr(ip, "ipv4_mapped", None) or ip


def is_this_machine(name: str) -> bool:
    """Whether it is a name of this machine (RFC 6761, section 6.3).

    >>> is_this_machine("localhost"), is_this_machine(socket.gethostname())
    (True, True)
    """
    name = plain(name)
    local = ("localhost", plain(socket.gethostname()))
    return name in local or name.endswith(".localhost")
