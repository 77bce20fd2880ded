import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Resolver = Callable[[str], list[str]]
Connect = Callable[[str, int], socket.socket]


def open_public(url: str, resolver: Resolver, connect: Connect) -> bytes:
    for _ in range(1 + MOST_REDIRECTS):
        location, body = _get(url, resolver, connect)
        if location is None:
            return body
        url = urljoin(url, location)
    raise ValueError(f"more than {MOST_REDIRECTS} redirects, the last to {url}")


def _get(
    url: str, resolver: Resolver, connect: Connect
) -> tuple[str | None, bytes]:
    """Make one hop; return where it leads, if anywhere, and the body."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme not in PORTS or not host:
        raise ValueError(f"{url!r} is not http or https with a host")
    if port is None:
        port = PORTS[parts.scheme]
    ip = _checked(host, resolver)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with connect(ip, port) as plain:
        if parts.scheme == "http":
            return _ask(http.client.HTTPConnection(host, port), plain, target)
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=host) as sock:
            connection = http.client.HTTPSConnection(host, port)
            return _ask(connection, sock, target)


def _ask(
    connection: http.client.HTTPConnection, sock: socket.socket, target: str
) -> tuple[str | None, bytes]:
    connection.sock = sock  # so it does not look up the name
    connection.request("GET", target, headers={"Connection": "close"})
    with connection.getresponse() as response:
        if response.status in REDIRECTS and response.getheader("Location"):
            return response.getheader("Location"), b""
        try:
            return None, response.read()
        except http.client.IncompleteRead as error:
            raise EOFError(f"the body is cut off: {error}") from error


def _checked(host: str, resolver: Resolver) -> str:
    """Return an address of the host, after looking at all of them."""
    last = host.rpartition(".")[2]
    if ":" not in host and NUMBER.fullmatch(last):
        ipaddress.IPv4Address(host)  # a ValueError if it is no dotted quad
    ips = resolver(host)
    if not ips:
        raise ValueError(f"{host} has no address")
    for ip in ips:
        if not _is_public(ip):
            raise ValueError(f"{host} leads to {ip}, which is not public")
    return ips[0]


def _is_public(ip: str) -> bool:
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        address = inner or address
    return not (address.is_private or address.is_loopback)
