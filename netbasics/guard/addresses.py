"""Public, or which other kind: what an IP address is by its number alone."""

from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

__all__ = ["is_public", "why_not"]


def is_public(ip: str) -> bool:
    """Whether an IP address is one that the whole internet can contact.

    >>> is_public("8.8.8.8"), is_public("192.168.1.1"), is_public("::1")
    (True, False, False)
    """
    return not why_not(ip)


# The registries of IANA for special addresses, with what `ipaddress` leaves out
# or changed between versions of Python. The first match counts.
_SPECIAL = {
    "0.0.0.0/8": "this network; 0.0.0.0 reaches this machine, RFC 1122",
    "10.0.0.0/8": "private network, RFC 1918",
    "100.64.0.0/10": "shared by a provider's customers, RFC 6598",
    "127.0.0.0/8": "loopback, this machine itself",
    "169.254.0.0/16": "link-local; clouds keep keys here, RFC 3927",
    "172.16.0.0/12": "private network, RFC 1918",
    "192.0.0.0/24": "protocol assignments, RFC 6890",
    "192.0.2.0/24": "documentation, RFC 5737",
    "192.88.99.0/24": "former 6to4 relays, RFC 7526",
    "192.168.0.0/16": "private network, RFC 1918",
    "198.18.0.0/15": "benchmarks, RFC 2544",
    "198.51.100.0/24": "documentation, RFC 5737",
    "203.0.113.0/24": "documentation, RFC 5737",
    "224.0.0.0/4": "multicast, RFC 5771",
    "255.255.255.255/32": "broadcast, RFC 919",
    "240.0.0.0/4": "reserved, RFC 1112",
    "::/128": "unspecified; reaches this machine, RFC 4291",
    "::1/128": "loopback, this machine itself",
    "::/96": "IPv4-compatible, deprecated by RFC 4291",
    "::ffff:0:0:0/96": "IPv4-translated, RFC 2765",
    "64:ff9b:1::/48": "a network's own NAT64, RFC 8215",
    "100::/64": "discarded, RFC 6666",
    "2001::/32": "Teredo tunnel, RFC 4380",
    "2001:db8::/32": "documentation, RFC 3849",
    "2001::/23": "protocol assignments, RFC 2928",
    "3fff::/20": "documentation, RFC 9637",
    "5f00::/16": "segment routing, RFC 9602",
    "fc00::/7": "private network, RFC 4193",
    "fe80::/10": "link-local, RFC 4291",
    "fec0::/10": "site-local, deprecated by RFC 3879",
    "ff00::/8": "multicast, RFC 4291",
}
# IPv6 addresses that carry an IPv4 address, and its first bit counted from the
# right. The packet ends at the IPv4 address, so that is what is judged.
_CARRIERS = {
    "::ffff:0:0/96": ("IPv6", 0),  # mapped, RFC 4291, 2.5.5.2
    "64:ff9b::/96": ("NAT64", 0),  # RFC 6052
    "2002::/16": ("6to4", 80),  # RFC 3056
}


@cache
def _tables() -> tuple[
    list[tuple[IPv4Network | IPv6Network, str]],
    list[tuple[IPv4Network | IPv6Network, str, int]],
]:
    return (
        [(ip_network(net), kind) for net, kind in _SPECIAL.items()],
        [(ip_network(net), *rest) for net, rest in _CARRIERS.items()],
    )


def why_not(ip: str) -> str:
    """Return why an IP address is not public: its kind; `""` if it is.

    Args:
        ip: An address as text. What is no address is not public either.

    Example:
        >>> why_not("169.254.169.254")
        'link-local; clouds keep keys here, RFC 3927'
        >>> why_not("64:ff9b::a00:1")
        '10.0.0.1 inside NAT64: private network, RFC 1918'
        >>> why_not("8.8.8.8")
        ''

    Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries,
    RFC 6890.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return "no IP address"
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "it names a zone, which is a link of one machine, RFC 4007"
    special, carriers = _tables()
    for network, carrier, shift in carriers:
        if address in network:
            inner = IPv4Address(int(address) >> shift & 0xFFFFFFFF)
            kind = why_not(str(inner))
            return kind and f"{inner} inside {carrier}: {kind}"
    for network, kind in special:
        if address in network:
            return kind
    if address.version == 6 and address not in ip_network("2000::/3"):
        return "not allocated for public use, RFC 4291"
    return "" if address.is_global else "not globally reachable"
