"""Tell which sockets of this program are clients, and note what they do.

Only clients are noted. A server's accepted socket in the same program is the
other end of the same conversation, and each byte would be there twice. A TCP
client is who calls `connect`; a UDP client is who sends first.
"""

import errno
import os
import socket
import traceback
import weakref
from _socket import socket as plain
from collections import deque
from collections.abc import Callable
from typing import Any

from netbasics.wire import looking
from netbasics.wire.conversations import (
    Address,
    Datagrams,
    Ending,
    Stream,
    pause,
)
from netbasics.wire.recording import Recorder
from netbasics.wire.writing import clock

__all__ = ["Witness"]

# Errors of `connect` that come from the network; others from the caller.
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL)
# How many addresses are remembered, of connections and of UDP servers.
MOST = 10_000
STRANGER: Any = object()


class Witness:
    """Notes what the client sockets of this program do, for one watch.

    Args:
        record: Where it is written down.

    Attributes:
        errors: What went wrong in here, as text: the program is not told.
    """

    def __init__(self, record: Recorder) -> None:
        self.record = record
        self.errors: deque[str] = deque(maxlen=10)
        # By `id`: sockets may be made unhashable. None is somebody's server.
        self._known: dict[int, Stream | Datagrams | None] = {}
        self._refs: dict[int, weakref.ref[socket.socket]] = {}
        self._streams: dict[tuple[Address, Address], Stream] = {}
        self._asked: dict[Address, None] = {}

    def find(self, sock: socket.socket) -> Stream | Datagrams | None:
        """Return the client that a socket is; None if it is none."""
        known = self._known.get(id(sock), STRANGER)
        if known is not STRANGER:
            return known  # type: ignore[no-any-return]
        if not looking.is_tcp(sock):
            return None
        # It may be another object for a connection that is known: after
        # detach() and dup(), and when TLS takes over.
        ends = looking.ends(sock)
        if ends is None:
            return None
        stream = self._streams.get(ends)
        self._learn(sock, stream)
        return stream

    def connecting(
        self,
        sock: socket.socket,
        address: Any,
        began: float,
        error: OSError | None,
    ) -> None:
        """Note a connect, and how it went."""
        if not looking.is_tcp(sock):
            return
        stream = self._known.get(id(sock))
        if not isinstance(stream, Stream) or not stream.pending:
            if error is not None and not _on_the_wire(error):
                return
            ends = looking.ends(sock)
            if (
                stream is not None
                and ends
                and self._streams.get(ends) is stream
            ):
                return  # connected already: asking again is no second connect
            recording = self.record.begin(
                looking.local(sock),
                looking.digits(sock, address),
                tapped=False,
                began=began,
            )
            stream = Stream(self.record, recording)
            self._learn(sock, stream)
        self._settle(sock, stream, error)

    def asked_for_error(self, sock: socket.socket, number: int) -> None:
        """Note how a connect went that nobody waited for."""
        stream = self._known.get(id(sock))
        if isinstance(stream, Stream) and stream.pending:
            error = OSError(number, os.strerror(number)) if number else None
            self._settle(sock, stream, error)

    def _settle(
        self, sock: socket.socket, stream: Stream, error: OSError | None
    ) -> None:
        if error is None or error.errno == errno.EISCONN:
            ends = looking.ends(sock)
            if ends is not None:
                stream.connected(*ends)
                _bounded(self._streams, ends, stream)
        elif not pause(error) and error.errno != errno.EALREADY:
            # Its waiting has been counted from the first call on.
            waited = self.record.since(stream.flow, clock())
            stream.not_connected(error, waited)

    def about_to_send(self, sock: socket.socket, address: Any) -> None:
        """Tell the client from the server, before a datagram is sent.

        A server's answer may be out before the client's call returns. And a
        server that waited when the watch began was not seen to receive.
        """
        if not looking.is_udp(sock):
            return
        known = self._known.get(id(sock), STRANGER)
        if known is STRANGER:
            known = None if self._was_asked(sock) else Datagrams(self.record)
            self._learn(sock, known)
        if known is not None:
            target = looking.other(sock, address)
            if target is not None:
                _bounded(self._asked, target, None)

    def sent(
        self, sock: socket.socket, data: bytes, began: float, address: Any
    ) -> None:
        """Note what a client sent."""
        client = self.find(sock)
        if isinstance(client, Stream):
            self._proven(sock, client)
            client.sent(data, began)
        elif isinstance(client, Datagrams):
            server = looking.other(sock, address)
            if server is not None:
                client.sent(data, began, looking.local(sock), server)

    def received(
        self, sock: socket.socket, data: bytes, wanted: bool, address: Any
    ) -> None:
        """Note what a client received.

        Args:
            sock: The socket.
            data: What it got.
            wanted: Whether it asked for at least one byte, so that none is the
                end of the stream.
            address: Who sent it, if the call says so.
        """
        client = self.find(sock)
        if isinstance(client, Stream):
            self._proven(sock, client)
            if data or wanted:
                client.received(data)
        elif isinstance(client, Datagrams):
            server = looking.other(sock, address)
            if server is not None:
                client.received(data, server)
        elif looking.is_udp(sock):
            self._learn(sock, None)  # it did not send first: a server

    def failed(self, sock: socket.socket, error: OSError, doing: str) -> None:
        """Note that a call of a client failed."""
        if pause(error):
            return
        client = self.find(sock)
        if isinstance(client, Stream) and client.pending:
            if _on_the_wire(error):
                self._settle(sock, client, error)
        elif client is not None:
            client.failed(error, doing, plain.gettimeout(sock))

    def secured(self, sock: Any) -> None:
        """Note that a client has agreed on TLS."""
        client = self.find(sock)
        if isinstance(client, Stream):
            client.secured(sock.version(), sock.server_hostname)

    def shut(self, sock: socket.socket, how: int) -> None:
        """Note a shutdown()."""
        client = self.find(sock)
        if isinstance(client, Stream):
            client.shut(how)

    def duplicated(self, sock: socket.socket, other: socket.socket) -> None:
        """Note that a second object is the same connection."""
        client = self.find(sock)
        if isinstance(client, Stream):
            self._learn(other, client)

    def left(self, sock: socket.socket) -> None:
        """Note that a socket object gave its connection away."""
        client = self._forget(id(sock))
        if isinstance(client, Stream):
            client.holders.discard(id(sock))

    def before_close(self, sock: socket.socket) -> Ending | None:
        """Look at what can be seen no more after a close()."""
        client = self.find(sock)
        if not isinstance(client, Stream) or plain.fileno(sock) == -1:
            return None
        self._proven(sock, client)
        return Ending(
            looking.unread(sock), looking.is_abrupt(sock), not client.pending
        )

    def closed(self, sock: socket.socket, ending: Ending | None) -> None:
        """Note a close(), unless something still reads from the socket."""
        if plain.fileno(sock) != -1:
            return  # a file made of it does (makefile)
        client = self._forget(id(sock))
        if isinstance(client, Datagrams):
            client.over()
        if not isinstance(client, Stream) or ending is None:
            return
        client.holders.discard(id(sock))
        if client.holders:
            return
        if ending.connected:
            client.closed(ending)
        elif client.pending:
            waited = self.record.since(client.flow, clock())
            client.not_connected(None, waited)
        self._streams.pop((client.flow.client, client.flow.server), None)

    def end(self) -> None:
        """Note what is still open, and forget everything."""
        clients = {id(c): c for c in list(self._known.values()) if c}
        self._known.clear()
        self._refs.clear()
        self._streams.clear()
        for client in clients.values():
            client.over()

    def guard(self, note: Callable[..., Any], *args: Any) -> Any:
        """Call a method of this; keep what it raises from the program."""
        try:
            return note(self, *args)
        except Exception:
            # As text: the traceback would keep sockets alive.
            self.errors.append(traceback.format_exc())
            return None

    def _proven(self, sock: socket.socket, stream: Stream) -> None:
        """Note that a connect that was not waited for has succeeded."""
        if stream.pending:
            self._settle(sock, stream, None)

    def _was_asked(self, sock: socket.socket) -> bool:
        """Whether a client has sent to the address of this UDP socket."""
        host, port = looking.local(sock)
        wild = host in ("0.0.0.0", "::")
        return any(
            there == port and (wild or name == host)
            for name, there in list(self._asked)
        )

    def _learn(
        self, sock: socket.socket, client: Stream | Datagrams | None
    ) -> None:
        key = id(sock)
        self._refs[key] = weakref.ref(sock, lambda _: self._collected(key))
        self._known[key] = client
        if isinstance(client, Stream):
            client.holders.add(key)

    def _forget(self, key: int) -> Stream | Datagrams | None:
        self._refs.pop(key, None)
        return self._known.pop(key, None)

    def _collected(self, key: int) -> None:
        """Forget a socket object that is gone; see `Stream.dropped`."""
        client = self._forget(key)
        if isinstance(client, Stream):
            client.holders.discard(key)
            if not client.holders:
                client.dropped()


def _on_the_wire(error: OSError) -> bool:
    """Whether a failed connect had to do with the network."""
    return (
        pause(error)
        or isinstance(error, ConnectionError | TimeoutError)
        or error.errno in UNREACHABLE
    ) and not isinstance(error, socket.gaierror)


def _bounded(table: dict[Any, Any], key: Any, value: Any) -> None:
    """Put something into a table that never grows beyond a size."""
    if len(table) >= MOST:
        table.pop(next(iter(table)), None)
    table[key] = value
