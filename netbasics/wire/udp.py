"""A tap for UDP: datagrams pass one by one, each whole or not at all."""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from netbasics.servers.base import GRACE, Server, describe
from netbasics.servers.binding import bind
from netbasics.sockets import LARGEST_DATAGRAM
from netbasics.wire.recording import LIMIT, Recorder
from netbasics.wire.targets import Target, find
from netbasics.wire.transcript import TO_CLIENT, TO_SERVER, Event
from netbasics.wire.views import AnyTap
from netbasics.wire.writing import Recording

__all__ = ["UDPTap", "tap_udp"]

# There is no goodbye in UDP. When so many clients have come, the one that was
# silent for the longest time is forgotten.
MOST_CLIENTS = 500
# Taken from one socket before the others have their turn.
BURST = 64
QUIET = 0.05


class _Client:
    """One client: its address, and a socket of its own to the target."""

    def __init__(self, peer: Any, sock: socket.socket, flow: Recording) -> None:
        self.peer = peer
        self.sock = sock
        self.flow = flow


class UDPTap(AnyTap, Server):
    """A UDP proxy on this machine that writes down what passes.

    Get one from `tap_udp()`. All methods may be called from any thread.
    """

    _scheme = "udp"

    def __init__(
        self,
        target: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limit: int = LIMIT,
        timeout: float = 5.0,
        remote: bool = False,
        on_event: Callable[[Event], object] | None = None,
    ) -> None:
        super().__init__(host=host, port=port)
        self.target = Target(target)
        self.record = Recorder(limit, on_event)
        self._timeout = timeout
        self._remote = remote
        self._on_event = on_event

    def _begin(self) -> None:
        self._place = find(
            self.target,
            socket.SOCK_DGRAM,
            remote=self._remote,
            timeout=self._timeout,
        )[0]
        self.record = Recorder(self.record.limit, self._on_event)
        self._clients: dict[Any, _Client] = {}
        self._stop_at: float | None = None
        door = bind(*self._wanted, socket.SOCK_DGRAM)
        door.setblocking(False)
        self._address = door.getsockname()[:2]
        self._waker, wake = socket.socketpair()
        self._thread = threading.Thread(
            target=self._loop,
            args=(door, wake),
            name=f"UDPTap {self.port}",
            daemon=True,
        )
        self._thread.start()

    def _loop(self, door: socket.socket, wake: socket.socket) -> None:
        with door, wake, selectors.DefaultSelector() as selector:
            self._selector, self._door = selector, door
            selector.register(door, selectors.EVENT_READ, self._from_clients)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                stop_at = self._stop_at
                ready = selector.select(None if stop_at is None else QUIET)
                for key, _ in ready:
                    if key.fileobj is wake:
                        selector.unregister(wake)
                    elif key.data is not None:
                        self._carry(key.data)
                if stop_at is not None and (
                    not ready or time.monotonic() >= stop_at
                ):
                    break
            for client in self._clients.values():
                client.sock.close()

    def _carry(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # a fault of ours, or of a listener
            self._failed(error, "carrying datagrams")

    def _from_clients(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(BURST):
                data, peer = self._door.recvfrom(LARGEST_DATAGRAM)
                self._count()
                client = self._client(peer)
                if client is not None:
                    client.flow.to_server.write(data, "datagram")
                    self._send(client, data)

    def _client(self, peer: Any) -> _Client | None:
        """Return the client with this address, an old or a new one."""
        # Taken out and put back in: the first one is the longest silent one.
        client = self._clients.pop(peer, None)
        if client is None:
            if len(self._clients) >= MOST_CLIENTS:
                self._forget(next(iter(self._clients)))
            family = (
                socket.AF_INET6 if ":" in self._place[0] else socket.AF_INET
            )
            try:
                sock = socket.socket(family, socket.SOCK_DGRAM)
            except OSError as error:
                self._failed(error, f"a datagram from {peer[:2]}")
                return None
            sock.setblocking(False)
            sock.connect(self._place)
            flow = self.record.begin(peer[:2], self._place, udp=True)
            client = _Client(peer, sock, flow)
            self._selector.register(
                sock,
                selectors.EVENT_READ,
                lambda known=client: self._from_target(known),
            )
        self._clients[peer] = client
        return client

    def _forget(self, peer: Any) -> None:
        client = self._clients.pop(peer)
        client.flow.over()
        self._selector.unregister(client.sock)
        client.sock.close()

    def _send(self, client: _Client, data: bytes) -> None:
        for _ in range(2):
            try:
                client.sock.send(data)
            except ConnectionRefusedError:
                # About an earlier datagram; this one has not been sent.
                self._refused(client)
            except OSError as error:
                note = f"this one was not sent: {error.strerror or error}"
                self.record.mark(client.flow, "note", TO_SERVER, note)
                return
            else:
                return

    def _from_target(self, client: _Client) -> None:
        with suppress(BlockingIOError):
            for _ in range(BURST):
                try:
                    data = client.sock.recv(LARGEST_DATAGRAM)
                except ConnectionRefusedError:
                    self._refused(client)
                    continue
                client.flow.to_client.write(data, "datagram")
                with suppress(OSError):  # as lost as any datagram may be
                    self._door.sendto(data, client.peer)

    def _refused(self, client: _Client) -> None:
        self.record.mark(
            client.flow,
            "note",
            TO_CLIENT,
            "Nothing listens at the target, as its system says (ICMP, port "
            "unreachable). A tap cannot hand that on: the client waits.",
        )

    def _end(self, drain: float) -> None:
        self._stop_at = time.monotonic() + drain
        self._waker.close()
        if self._thread is threading.current_thread():
            return  # a listener stops its own tap
        self._thread.join(drain + GRACE)
        if self._thread.is_alive():
            self.stuck.append(describe(self._thread))


def tap_udp(
    target: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limit: int = LIMIT,
    timeout: float = 5.0,
    remote: bool = False,
    on_event: Callable[[Event], object] | None = None,
) -> UDPTap:
    """Return a UDP proxy to `target` that writes down what passes.

    It is what `tap()` is for TCP. A datagram stays one, of any length, an
    empty one too, and none is held back or repeated. Each client has a port of
    its own towards the target, so that answers find the one who asked; in the
    transcript, a connection is a client.

    Two things do not come through: that nothing listens at the target (the
    record says so), and an answer from another address than the target's.

    Args:
        target: As for `tap()`.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        limit: How many bytes to keep, as for `tap()`.
        timeout: How long the look-up of the target's name may take (seconds).
        remote: Whether the target may be another machine.
        on_event: As for `tap()`.

    Example:
        >>> from netbasics import servers, sockets
        >>> with servers.UDPEchoServer() as server, tap_udp(server) as tap:
        ...     sockets.ask_udp(tap.address, b"ping")
        b'ping'
        >>> [event.direction for event in tap.transcript]
        ['to-server', 'to-client']
    """
    return UDPTap(
        target,
        host=host,
        port=port,
        limit=limit,
        timeout=timeout,
        remote=remote,
        on_event=on_event,
    )
