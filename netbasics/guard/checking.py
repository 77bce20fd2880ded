"""Resolve once, look at every address, connect to one that was looked at."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from netbasics import urls
from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded, InvalidURL, UnsafeURL
from netbasics.guard.addresses import why_not
from netbasics.urls.hosts import ends_in_number, is_dotted_quad
from netbasics.urls.redaction import clip, shown

__all__ = ["CheckedURL", "check_public", "resolve"]

Address = tuple[str, int]
Resolver = Callable[[str], Iterable[str]]

MAX_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class CheckedURL:
    """A URL, and the addresses that were found public when it was checked.

    Args:
        url: The URL. Its host is what TLS must check and what the `Host` header
            names; it is not to be resolved again.
        addresses: Pairs of IP address and port, never empty.
    """

    url: urls.URL
    addresses: tuple[Address, ...]

    def __iter__(self) -> Iterator[Address]:
        return iter(self.addresses)

    def __len__(self) -> int:
        return len(self.addresses)

    @property
    def host(self) -> str:
        """The name that was resolved, as DNS has it."""
        return self.url.ascii_host

    def connect(
        self,
        *,
        timeout: float | Deadline | None = 5.0,
        connect: Callable[[str, int], socket.socket] | None = None,
    ) -> socket.socket:
        """Open a TCP connection to one of the checked addresses.

        They are tried in turn. Each gets its share of the time that is left,
        so that a silent first one does not use it up. (Browsers try several at
        once: RFC 8305, "happy eyeballs".)

        Args:
            timeout: For all of them together, in seconds or as a deadline.
            connect: Called as `connect(ip, port)` instead of the system's own.

        Returns:
            A connected socket. Its timeout is the share, so that no later
            wait hangs; set your own.

        Raises:
            DeadlineExceeded: The time was over before the last was tried.
            OSError: None could be reached; it is the last one's error, and
                `TimeoutError` if that did not answer.
        """
        deadline = Deadline.of(timeout)
        last = OSError(f"no address of {self.host} could be reached")
        for index, (ip, port) in enumerate(self.addresses):
            wait = deadline.timeout(doing=f"connecting to {ip} port {port}")
            share = (
                None if wait is None else wait / (len(self.addresses) - index)
            )
            try:
                if connect is not None:
                    return connect(ip, port)
                return socket.create_connection((ip, port), timeout=share)
            except OSError as error:
                last = error
        raise last


def resolve(host: str, *, timeout: float | Deadline | None = 5.0) -> list[str]:
    """Return the IP addresses of a name, in the system's order, each once.

    `socket.getaddrinfo` has no timeout and cannot be interrupted; where the
    name server is silent it takes half a minute. Here it runs in a thread of
    its own, which is left to end by itself when the time is over.

    Args:
        host: A name, as DNS has it.
        timeout: In seconds or as a deadline.

    Raises:
        DeadlineExceeded: The answer did not come in time.
        OSError: The system found none (`socket.gaierror`).

    Example:
        >>> resolve("127.0.0.1")
        ['127.0.0.1']
    """
    deadline = Deadline.of(timeout)
    doing = f"looking up {host}"
    wait = deadline.timeout(doing=doing)
    outcome: list[list[str] | Exception] = []

    def look_up() -> None:
        try:
            outcome.append(_look_up(host))
        except Exception as error:  # raised below, where somebody can see it
            outcome.append(error)

    thread = threading.Thread(target=look_up, name=doing, daemon=True)
    thread.start()
    thread.join(wait)
    if not outcome:
        raise DeadlineExceeded(deadline.seconds or 0.0, doing=doing)
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _look_up(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # from the codec that reads the name
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
    # Through a dict: each address once, in the order of preference.
    return list({str(address[0]): None for *_, address in found})


def check_public(
    text: str | urls.URL, *, resolver: Resolver = resolve
) -> CheckedURL:
    """Resolve a URL's host once, and refuse it unless all of it is public.

    Refused are other schemes than http and https, whatever `urls.validate`
    refuses, `localhost`, numeric hosts in other spellings than four decimal
    numbers (`2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`), and a host of which
    even one address is not public, or that has none.

    Args:
        text: The URL that came from outside.
        resolver: Called once as `resolver(host)`, also for a literal address;
            returns IP addresses as texts.

    Returns:
        The URL with the addresses to connect to.

    Raises:
        UnsafeURL: It is refused; the message has the address and its kind.
        OSError: The name could not be resolved (from the resolver).

    Example:
        >>> check_public("http://10.0.0.7/")
        Traceback (most recent call last):
        ...
        netbasics.errors.UnsafeURL: 'http://10.0.0.7/': 10.0.0.7 is not public
        (private network, RFC 1918)
    """
    try:
        url = urls.parse(text)
        _check_host(url)
        url = urls.validate(url)
        host = url.ascii_host
    except UnsafeURL:
        raise
    except InvalidURL as error:
        # One name for every refusal: `except UnsafeURL` misses none.
        raise UnsafeURL(str(error)) from None
    ips = _checked(url, host, resolver(host))
    port = url.port or 0  # `validate` made sure that there is one
    return CheckedURL(url, tuple((ip, port) for ip in ips))


def _check_host(url: urls.URL) -> None:
    """Refuse what can be refused without asking anyone."""
    host = url.host.removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        raise _unsafe(
            url, f"{clip(url.host)} is this machine itself (RFC 6761)"
        )
    if ":" in host or is_dotted_quad(host):
        reason = why_not(host)
        if reason:
            raise _unsafe(url, f"{host} is not public ({reason})")
    elif ends_in_number(host):
        raise _unsafe(url, _spelling(host))


def _spelling(host: str) -> str:
    """Say which address a number stands for in the C library."""
    rule = "an address is four decimal numbers without leading zeros"
    try:
        ip = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return f"the host {clip(host)} is a number and no IPv4 address: {rule}"
    kind = why_not(ip) or "public"
    return f"the host {clip(host)} is a spelling of {ip} ({kind}): {rule}"


def _checked(
    url: urls.URL, host: str, answer: Iterable[str]
) -> tuple[str, ...]:
    if isinstance(answer, str | bytes):
        raise TypeError(
            f"the resolver returned {answer!r:.60}: a list of texts is needed"
        )
    # `str`, for `ip_address` would take the number 2130706433 too.
    ips = tuple(str(ip) for ip in islice(answer, MAX_ADDRESSES + 1))
    if not ips:
        raise _unsafe(url, f"{host} has no address")
    if len(ips) > MAX_ADDRESSES:
        raise _unsafe(url, f"{host} has more than {MAX_ADDRESSES} addresses")
    for ip in ips:
        reason = why_not(ip)
        if reason:
            leads = "" if ip == host else f"{host} leads to {ip:.60}, which"
            raise _unsafe(url, f"{leads or ip} is not public ({reason})")
    return ips


def _unsafe(url: urls.URL, reason: str) -> UnsafeURL:
    return UnsafeURL(f"{shown(url)}: {reason}")
