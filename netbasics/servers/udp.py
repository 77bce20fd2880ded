"""A UDP server: one thread that answers datagrams, one after the other."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from netbasics.servers.base import GRACE, Server, describe
from netbasics.servers.binding import bind
from netbasics.servers.calling import check_handler

__all__ = ["UDPServer"]

# No UDP datagram is longer; a shorter buffer would cut one without a word.
LARGEST = 65535


class UDPServer(Server):
    """Call a handler for each datagram, and send back what it returns.

    A datagram arrives whole or not at all, so there is no framing. Whether it
    arrives, and whether the answer does, nobody knows: clients ask again. That
    is why a handler should give the same answer to the same question.

    Args:
        handler: Called as `handler(data, peer)` with bytes and the peer's
            (host, port). Returns the answer as bytes, or None for none. The
            datagrams are handled one after the other: while it works, the next
            ones wait in the kernel, which drops them when its buffer is full.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Example:
        >>> with UDPServer(lambda data, peer: data[::-1]) as server:
        ...     with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        ...         sock.settimeout(5)
        ...         _ = sock.sendto(b"olleh", server.address)
        ...         sock.recv(100)
        b'hello'
    """

    _scheme = "udp"

    def __init__(
        self,
        handler: Callable[[bytes, Any], bytes | None],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(host=host, port=port)
        check_handler(handler, "UDPServer", "data", "peer")
        self._handler = handler

    def _begin(self) -> None:
        self._sock = bind(*self._wanted, socket.SOCK_DGRAM)
        self._sock.settimeout(None)  # whatever socket.setdefaulttimeout() says
        self._address = self._sock.getsockname()[:2]
        self._ending = threading.Event()
        self._thread = threading.Thread(
            target=self._loop,
            args=(self._sock, self._ending),
            name=f"{type(self).__name__} {self.port}",
            daemon=True,
        )
        self._thread.start()

    def _loop(self, sock: socket.socket, ending: threading.Event) -> None:
        # It waits in `recvfrom` itself: a selector, to be woken by something
        # else too, would cost a system call more for each datagram.
        handler, ended = self._handler, ending.is_set
        with sock:
            while True:
                try:
                    data, peer = sock.recvfrom(LARGEST)
                except ConnectionError:
                    continue  # a peer has gone, which only Windows reports
                except OSError:
                    if ended():
                        return  # stop() did not wait, and closed the socket
                    raise
                if ended():
                    return
                self._served += 1  # nobody else counts: there is no lock
                try:
                    reply = handler(data, peer[:2])
                    if reply is not None:
                        sock.sendto(reply, peer)
                except (Exception, SystemExit) as error:
                    # After stop() the socket may be closed: no fault of theirs.
                    if not (ended() and isinstance(error, OSError)):
                        self._failed(error, f"datagram from {peer[:2]}")

    def _end(self, drain: float) -> None:
        self._ending.set()
        # Linux ends the wait at this, although it reports an error as well;
        # other systems at a datagram. If that is lost, because the buffer is
        # full of others, there is no wait to end.
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RD)
        with contextlib.suppress(OSError):
            self._sock.sendto(b"", (self._host_here, self.port))
        if self._thread is threading.current_thread():
            return  # a handler stops its own server: it ends after this one
        self._thread.join(max(drain, GRACE))
        if self._thread.is_alive():
            self.stuck.append(describe(self._thread))
            # The port is free at once; the thread ends when its handler does.
            self._sock.close()
