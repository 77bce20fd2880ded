"""What the environment says about proxies and certificates, and what counts.

`requests` lets the environment win where it should not: `http_proxy` gets
requests to 127.0.0.1 and beats `session.proxies`, and REQUESTS_CA_BUNDLE beats
`session.verify`. Here whatever the program says itself goes first, and nothing
goes to a proxy in order to come back to this machine.
"""

import ipaddress
import os
import socket
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

__all__ = ["choose_proxies", "choose_verify", "is_loopback"]


class _FromEnvironment(str):
    """A proxy's URL that the program did not ask for."""


def choose_proxies(
    url: str,
    explicit: Mapping[str, str | None],
    *,
    trust_env: bool = True,
) -> dict[str, str]:
    """Return the proxies for one URL, as `requests` takes them.

    Args:
        url: What will be requested.
        explicit: The proxies that the program itself gave. They count for
            loopback, too; None instead of a URL means: no proxy. Any that came
            out of this function are dropped and looked up again: after a
            redirect another host, and no_proxy, may be concerned.
        trust_env: Whether to ask the environment.
    """
    given = {
        scheme: proxy
        for scheme, proxy in explicit.items()
        if not isinstance(proxy, _FromEnvironment)
    }
    found = {}
    if trust_env and not is_loopback(urlsplit(url).hostname or ""):
        found = get_environ_proxies(url, no_proxy=given.get("no_proxy"))
    chosen: dict[str, str | None] = {
        scheme: _FromEnvironment(proxy) for scheme, proxy in found.items()
    }
    chosen.update(given)
    return {scheme: proxy for scheme, proxy in chosen.items() if proxy}


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host is this machine: localhost, 127.0.0.0/8 or ::1.

    >>> [is_loopback(h) for h in ("127.0.0.9", "::1", "localhost", "127.1")]
    [True, True, True, True]
    >>> is_loopback("127.example.org")
    False
    """
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        # All the spellings that connecting understands: 127.1, 0x7f.1, ...
        return socket.inet_aton(name)[0] == 127
    except OSError:
        pass
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def choose_verify(
    given: bool | str | None, default: bool | str, *, trust_env: bool = True
) -> bool | str:
    """Return what to check certificates against, as `requests` takes it.

    Args:
        given: What the call says: a path, False, or None for nothing.
        default: What the session says; True is no path either.
        trust_env: Whether REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE may fill in.
    """
    chosen = default if given is None else given
    if chosen is not True or not trust_env:
        return chosen
    return (
        os.environ.get("REQUESTS_CA_BUNDLE")
        or os.environ.get("CURL_CA_BUNDLE")
        or True
    )
