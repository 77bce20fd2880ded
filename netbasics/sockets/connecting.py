"""Open a TCP connection, or say why that cannot be done."""

import errno
import socket
import threading
from operator import index
from typing import Any

from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded

__all__ = ["Address", "connect", "host_and_port", "look_up"]

Address = tuple[str, int]
# What getaddrinfo returns: family, kind, protocol, canonical name, address.
Found = tuple[Any, Any, int, str, tuple[Any, ...]]

# What an error means here, and what to try.
ADVICE: dict[int | None, str] = {
    errno.ECONNREFUSED: "nothing listens there. Is the server running, and "
    "on this port?",
    errno.ENETUNREACH: "there is no route to it. Is the network up?",
    errno.EHOSTUNREACH: "there is no route to it. Is the host up?",
    errno.ETIMEDOUT: "no answer. Is the host up? A firewall drops silently",
}


def connect(
    address: Address, *, timeout: float | Deadline | None = 5.0
) -> socket.socket:
    """Open a TCP connection.

    `socket.create_connection` gives its timeout to each address that a name
    has, one after the other, and none to the look-up. Here the time is for
    all of it: the look-up and every address, of which a silent one leaves
    time for the others.

    The connection has TCP_NODELAY set. Without it, a request that is written
    in two pieces waits for the peer's delayed acknowledgement between them,
    40 ms on Linux. The price is more packets for a program that writes many
    tiny pieces; join them before sending.

    Args:
        address: Host (a name, or an IPv4 or IPv6 address) and port, 1 to
            65535. What `getsockname` returns will do.
        timeout: Seconds for the whole call, or a running `Deadline`. It is
            also each later wait's timeout on the socket; None waits for ever.

    Returns:
        A connected socket; close it, or use it in a with-block.

    Raises:
        ConnectionRefusedError: The host is there, and nothing listens.
        DeadlineExceeded: No answer in time. It is a `TimeoutError`.
        socket.gaierror: The name does not resolve. It is an `OSError`.
        OSError: Any other reason that the system gave, with its `errno`.
        ValueError: The port or the host cannot be one; nothing was sent.
        TypeError: The port is not a number.

    Example:
        >>> with socket.create_server(("127.0.0.1", 0)) as listener:
        ...     with connect(listener.getsockname()) as sock:
        ...         print(sock.gettimeout())
        5.0
        >>> with socket.socket() as silent:
        ...     silent.bind(("127.0.0.1", 0))    # bound, and never listens
        ...     connect(silent.getsockname())
        Traceback (most recent call last):
        ConnectionRefusedError: ... 127.0.0.1 port ...: nothing listens there.
        Is the server running, and on this port?

    Source: RFC 6724 (the order of the addresses), RFC 9293 section 3.7.4.
    """
    host, port = host_and_port(address)
    deadline = Deadline.of(timeout)
    found = look_up(host, port, socket.SOCK_STREAM, deadline)
    failures: list[tuple[str, OSError]] = []
    for place, one in enumerate(found):
        try:
            sock = _dial(one, deadline, shared_by=len(found) - place)
        except OSError as error:
            failures.append((one[4][0], error))
        else:
            sock.settimeout(deadline.seconds)
            return sock
    raise _explain(host, port, failures, deadline) from failures[-1][1]


def host_and_port(address: Any) -> Address:
    """Return `address` as host and port, or say what is wrong with it."""
    try:
        if isinstance(address, str):
            raise TypeError  # its first two letters would be taken for a pair
        host, port = address[:2]
    except (TypeError, ValueError):
        raise TypeError(
            f"an address is a pair (host, port), this is {address!r}"
        ) from None
    if not isinstance(host, str):
        raise TypeError(f"the host is a text, this is {host!r}")
    if not host:
        raise ValueError("the host is empty: give a name or an address")
    if "://" in host:
        raise ValueError(f"{host!r} is a URL: give its host alone")
    try:
        port = index(port)
    except TypeError:
        raise TypeError(
            f"the port is a number, this is {port!r}: write int(...)"
        ) from None
    if not 1 <= port <= 65535:
        raise ValueError(f"port {port} does not exist: ports are 1 to 65535")
    return host, port


def look_up(
    host: str, port: int, kind: socket.SocketKind, deadline: Deadline
) -> list[Found]:
    """Return the addresses of `host`, in the order to try them.

    The system's `getaddrinfo` cannot be interrupted: it may wait for name
    servers for half a minute. So it waits in a thread of its own, and when
    the time is over that thread is left to finish alone.

    Raises:
        DeadlineExceeded: There is no answer in time.
        socket.gaierror: The name does not resolve.
    """
    found: list[Found] = []
    errors: list[Exception] = []

    def ask(flags: int = 0) -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=kind, flags=flags))
        except Exception as error:
            errors.append(error)

    # An address in digits needs no look-up, and so no thread.
    ask(socket.AI_NUMERICHOST)
    if found:
        return found
    errors.clear()
    thread = threading.Thread(target=ask, daemon=True, name=f"look-up {host}")
    doing = f"looking up the name {host!r}"
    wait = deadline.timeout(doing=doing)
    thread.start()
    thread.join(wait)
    if thread.is_alive():
        raise DeadlineExceeded(deadline.seconds or 0.0, doing=doing)
    if errors:
        raise _unresolved(host, errors[0]) from errors[0]
    return found


def _unresolved(host: str, error: Exception) -> Exception:
    """Return an error for a name that has no address."""
    if isinstance(error, socket.gaierror):
        number, reason = error.errno, error.strerror
    elif isinstance(error, ValueError):
        # A label of 64 letters, a NUL: no name server would be asked.
        number, reason = socket.EAI_NONAME, f"it cannot be a name: {error}"
    else:
        return error
    return socket.gaierror(
        number,
        f"the name {host!r} does not resolve ({reason}). Is it spelled right, "
        "and is there a network?",
    )


def _dial(one: Found, deadline: Deadline, shared_by: int) -> socket.socket:
    """Connect to one address, in its share of the time that is left."""
    family, kind, protocol, _, sockaddr = one
    left = deadline.timeout(doing="connecting")
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(None if left is None else left / shared_by)
        sock.connect(sockaddr)
        # On loopback, a socket that was given the very port it dials meets
        # itself: TCP allows both ends to open at once. Nobody listens there.
        if sock.getsockname()[:2] == sockaddr[:2]:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "met itself")
    except BaseException:
        sock.close()
        raise
    return sock


def _explain(
    host: str,
    port: int,
    failures: list[tuple[str, OSError]],
    deadline: Deadline,
) -> OSError:
    """Make one error of the failures, of the kind that says most."""
    where = f"{host} port {port}"
    if [text for text, _ in failures] != [host]:
        tried = (f"{text}: {_reason(error)}" for text, error in failures)
        where += f" ({', '.join(tried)})"
    # Too late has no errno; whatever the system says tells more.
    told = [error for _, error in failures if error.errno is not None]
    if not told:
        return DeadlineExceeded(
            deadline.seconds or 0.0,
            doing=f"connecting to {where}, which does not answer",
        )
    number = told[-1].errno
    # OSError chooses its subclass by the number: 111 is a refused connection.
    return OSError(number, f"{where}: {ADVICE.get(number, _reason(told[-1]))}")


def _reason(error: OSError) -> str:
    return error.strerror or "no answer"
