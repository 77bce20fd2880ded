"""4.5 Public addresses only."""

import socket
from collections.abc import Callable


def open_public(
    url: str,
    resolver: Callable[[str], list[str]],
    connect: Callable[[str, int], socket.socket],
) -> bytes:
    """Fetch a URL that came from a stranger, from public addresses only.

    A program that fetches a URL for somebody can be told to fetch from itself
    or from its neighbours (server-side request forgery, SSRF). So each hop,
    the first and every redirect, goes like this:

    1. The scheme is http or https, in any case, and there is a host.
    2. A numeric host is refused, unless it is four decimal numbers from 0 to
       255, without leading zeros, between dots. Numeric is a host whose last
       label (behind the last dot) is decimal digits, or `0x` and hexadecimal
       digits: `2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`.
    3. `resolver(host)` is called, exactly once for this hop, also if the host
       is an address (an IPv6 address is given without its brackets). Every
       address that it returns must be public, and there must be one.
    4. `connect(ip, port)` is called with one of these very addresses, as it
       was returned, and the port of the URL (80 or 443 if not written). This
       is the only way to the network. Nobody else looks up the name.
    5. Over https, TLS begins, and the certificate is checked for the name
       (`ssl.create_default_context()`).
    6. A GET is sent. The `Host` header is the host of the URL, an IPv6 address
       in brackets, with the port if it is not the scheme's own. The target is
       path and query; an empty path is `/`; the fragment is not sent.
    7. The answer is read. For a status of 301, 302, 303, 307 or 308 with a
       `Location`, the next hop is there; it may be relative to this URL. For
       anything else, whatever the status, the body is returned. It is framed
       by Content-Length, chunked, or ends with the connection.

    An address is public if `ipaddress` calls it `is_global` and not
    `is_multicast`. Where an IPv6 address has an IPv4 address in it, that one
    is judged instead of it: mapped (`::ffff:0:0/96`, the last 32 bits), 6to4
    (`2002::/16`, the 32 bits behind the first 16), NAT64 (`64:ff9b::/96`, the
    last 32 bits).

    Args:
        url: The URL, of ASCII letters, without blanks and user name.
        resolver: `resolver(host)` returns the IP addresses of a host, as
            texts; perhaps others the next time.
        connect: `connect(ip, port)` returns a socket that is connected. All
            sockets are closed when the function returns or raises.

    Returns:
        The body of the last answer.

    Raises:
        ValueError: The URL, or that of a redirect, is refused; or there are
            more than five redirects. What is refused is not connected to.
        EOFError: The connection ended in the middle of a body: before the
            end of its length, or before its last chunk.
        OSError: No connection; or TLS fails (`ssl.SSLError` is one).
    """
    raise NotImplementedError("not written yet")
