"""Servers to talk to: they echo, or they greet."""

import selectors
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from netbasics.servers import timeouts
from netbasics.servers.tcp import TCPServer
from netbasics.servers.udp import UDPServer

__all__ = ["EchoServer", "GreetingServer", "UDPEchoServer"]

PIECE = 65536
# What one client may send without reading any of it, in bytes.
HELD = 64 * 1024 * 1024

Result = TypeVar("Result")


class EchoServer(TCPServer):
    """Send back every byte, in order, until the client has said its last.

    The loop of the textbooks, `recv` then `sendall`, locks up with a client
    that sends much before it reads: both wait for the other to read. This one
    goes on reading and holds what the client is slow to take, up to 64 MiB.
    Beyond that it reads no more until the client does; if that takes longer
    than `timeout`, it gives up.

    A client that closes its sending half still gets the rest.

    Args:
        **options: As for `TCPServer`: host, port, timeout, tls and so on.

    Example:
        >>> with EchoServer() as server:
        ...     with socket.create_connection(server.address, 5) as sock:
        ...         sock.sendall(b"hello")
        ...         sock.recv(100)
        b'hello'
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(echo, **options)


def echo(sock: socket.socket, peer: object = None) -> None:
    """Send back what comes, until it ends.

    Args:
        sock: A connected socket with a timeout; TLS is fine.
        peer: Not used; it makes this a handler for `TCPServer`.

    Raises:
        TimeoutError: For longer than the socket's timeout, the peer sent
            nothing, or took nothing of what waits for it.
    """
    timeout = sock.gettimeout() or 0.0
    if not timeouts.available(sock):
        _relay(sock, b"", timeout, until_end=True)
        return
    buffer = memoryview(bytearray(PIECE))
    timeouts.receive_timeout(sock, timeout)
    while True:
        try:
            count = sock.recv_into(buffer)
        except BlockingIOError:
            raise TimeoutError(
                f"the client sent nothing for {timeout:g} s"
            ) from None
        if not count:
            return
        try:
            sent = sock.send(buffer[:count], socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < count:
            _relay(sock, bytes(buffer[sent:count]), timeout)
            timeouts.receive_timeout(sock, timeout)


def _relay(
    sock: socket.socket,
    rest: bytes,
    timeout: float,
    *,
    until_end: bool = False,
) -> None:
    """Send what waits and read on, whichever is possible, until both agree.

    Args:
        sock: Left without blocking.
        rest: What waits to be sent already.
        timeout: How long nothing at all may move, in seconds.
        until_end: Go on until the peer has ended, and not only until it has
            caught up.
    """
    waiting = deque([memoryview(rest)] if rest else [])
    held, ended = len(rest), False
    sock.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while waiting or (until_end and not ended):
            data = None
            reading = not ended and held < HELD
            if reading:
                data = _unless_blocked(lambda: sock.recv(PIECE))
                ended = data == b""
            if data:
                waiting.append(memoryview(data))
                held += len(data)
            sent = _send_first(sock, waiting)
            held -= sent
            if not data and not sent and (held or not ended):
                events = selectors.EVENT_READ if reading and not ended else 0
                events |= selectors.EVENT_WRITE if held else 0
                selector.modify(sock, events)
                _wait(selector, timeout, held)


def _send_first(sock: socket.socket, waiting: deque[memoryview]) -> int:
    """Send of the first piece what goes now; return how many bytes went."""
    if not waiting:
        return 0
    piece = waiting[0]
    sent = _unless_blocked(lambda: sock.send(piece)) or 0
    if sent == len(piece):
        waiting.popleft()
    else:
        waiting[0] = piece[sent:]
    return sent


def _wait(selector: selectors.BaseSelector, timeout: float, held: int) -> None:
    """Wait until the socket can do what it could not do just now."""
    if not selector.select(timeout):
        raise TimeoutError(
            f"nothing came and nothing went for {timeout:g} s; the client has "
            f"yet to read {held} bytes"
        )


def _unless_blocked(call: Callable[[], Result]) -> Result | None:
    """Return what the call returns, or None if it would have to wait."""
    try:
        return call()
    except BlockingIOError:
        return None
    except OSError as error:
        # TLS has its own words for it: SSLWantReadError, SSLWantWriteError.
        if type(error).__name__.startswith("SSLWant"):
            return None
        raise


class GreetingServer(TCPServer):
    r"""Send one greeting to everybody who connects, and close.

    Args:
        greeting: What to say; a str is sent as UTF-8.
        **options: As for `TCPServer`.

    Example:
        >>> with GreetingServer("hello\r\n") as server:
        ...     with socket.create_connection(server.address, 5) as sock:
        ...         sock.recv(100)
        b'hello\r\n'
    """

    def __init__(self, greeting: bytes | str, **options: Any) -> None:
        if isinstance(greeting, str):
            greeting = greeting.encode()
        self.greeting = greeting
        super().__init__(self._greet, **options)

    def _greet(self, sock: socket.socket, peer: object) -> None:
        sock.sendall(self.greeting)


class UDPEchoServer(UDPServer):
    """Send back every datagram as it came.

    Args:
        **options: As for `UDPServer`: host and port.

    Example:
        >>> with UDPEchoServer() as server:
        ...     with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        ...         sock.settimeout(5)
        ...         _ = sock.sendto(b"hello", server.address)
        ...         sock.recv(100)
        b'hello'
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(lambda data, peer: data, **options)
