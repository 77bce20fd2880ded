"""Write the request by hand, read the answer with HTTPResponse."""

import http.client
import ssl
from ipaddress import ip_address, ip_network
from urllib.parse import urljoin, urlparse


def embedded(address):
    number = int(address)
    if address in ip_network("::ffff:0:0/96"):
        return ip_address(number & 0xFFFFFFFF)
    if address in ip_network("64:ff9b::/96"):
        return ip_address(number & 0xFFFFFFFF)
    if address in ip_network("2002::/16"):
        return ip_address(number >> 80 & 0xFFFFFFFF)
    return address


def check_address(text):
    address = embedded(ip_address(text))
    if not address.is_global or address.is_multicast:
        raise ValueError(f"not public: {text}")


def check_host(host):
    label = host.split(".")[-1].lower()
    digits = label[2:] if label.startswith("0x") else label
    allowed = "0123456789abcdef" if label.startswith("0x") else "0123456789"
    numeric = ":" not in host and all(letter in allowed for letter in digits)
    if numeric:
        numbers = host.split(".")
        if len(numbers) != 4 or any(
            not n.isdecimal() or int(n) > 255 or str(int(n)) != n
            for n in numbers
        ):
            raise ValueError(f"an odd way to write an address: {host}")


def open_public(url, resolver, connect, left=5):
    parts = urlparse(url)
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"scheme {parts.scheme!r}")
    if not parts.hostname:
        raise ValueError("no host")
    check_host(parts.hostname)
    addresses = list(resolver(parts.hostname))
    if not addresses:
        raise ValueError("no addresses")
    for address in addresses:
        check_address(address)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    sock = connect(addresses[-1], port)
    try:
        if secure:
            sock = ssl.create_default_context().wrap_socket(
                sock, server_hostname=parts.hostname
            )
        path = parts._replace(scheme="", netloc="", fragment="").geturl()
        if not path.startswith("/"):
            path = "/" + path
        host = parts.netloc
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"
        sock.sendall(request.encode("ascii"))
        response = http.client.HTTPResponse(sock, method="GET")
        try:
            response.begin()
            body = response.read()
        except http.client.IncompleteRead:
            raise EOFError("short") from None
        finally:
            response.close()
    finally:
        sock.close()
    where = response.headers["location"]
    if where is not None and response.status in (301, 302, 303, 307, 308):
        if left == 0:
            raise ValueError("too many redirects")
        return open_public(urljoin(url, where), resolver, connect, left - 1)
    return body
