"""An echo server on a bare asyncio protocol.

asyncio's streams (`reader.read()`, `await writer.drain()`) are comfortable and
cost twice as much for each round trip as the callbacks under them. These are
the callbacks.
"""

import asyncio
from time import monotonic
from types import TracebackType
from typing import Self

from netbasics.sockets.one_buffer import OneBuffer, new_room

__all__ = ["EchoServer"]

BACKLOG = 1024


class EchoServer:
    """Send back every byte, in order, in one thread for all clients.

    A client that sends without reading makes an echo server hold its bytes.
    This one holds `limit` of them and then reads no more, so the client is
    made to wait: flow control reaches back to whoever causes the flood. A
    client that closes its sending half still gets the rest.

    Args:
        host: The address to listen on; by default this machine alone.
        port: The port; 0 takes a free one.
        limit: How much is held for a client that does not read, in bytes; one
            piece, 256 KiB at most, may come on top.
        timeout: How long a client may be idle, neither sending nor taking
            anything, in seconds; None for ever. It is cut off then, or up to
            a twentieth of that time later; one that stops reading in the
            middle, within twice the time.
        max_connections: How many clients at once; one more is cut off.

    Raises:
        ValueError: A number is impossible.

    Example:
        >>> async def main():
        ...     async with EchoServer() as server:
        ...         reader, writer = await asyncio.open_connection(
        ...             *server.address
        ...         )
        ...         writer.write(b"hello")
        ...         writer.write_eof()
        ...         print(await reader.read(), server.served)
        ...         writer.close()
        ...         await writer.wait_closed()
        >>> asyncio.run(main())
        b'hello' 1

    It belongs to the event loop in which it was started.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limit: int = 1024 * 1024,
        timeout: float | None = 60.0,
        max_connections: int = 1000,
    ) -> None:
        if limit < 1 or max_connections < 1:
            raise ValueError(
                f"limit={limit!r} and max_connections={max_connections!r}: "
                "give 1 or more"
            )
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout={timeout!r}: give seconds, above 0")
        self.limit = limit
        self.timeout = timeout
        self.max_connections = max_connections
        #: How many clients were served so far, those of now included.
        self.served = 0
        self._room = new_room()
        self._clients: set[_Echo] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._wanted = host, port
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """(host, port), as `asyncio.open_connection(*address)` takes it."""
        if self._address is None:
            raise RuntimeError(
                "the server has no address before it is started: use it in "
                "an async with-block, or await start()"
            )
        return self._address

    @property
    def host(self) -> str:
        """The IP address it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.address[1]

    @property
    def url(self) -> str:
        """Its address in one piece, such as `tcp://127.0.0.1:40123`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"

    async def start(self) -> Self:
        """Listen, and return the server itself. Starting twice is fine.

        Raises:
            OSError: The port is in use or not allowed.
        """
        if self._server is None:
            host, port = self._wanted
            self._server = await asyncio.get_running_loop().create_server(
                lambda: _Echo(self), host, port, backlog=BACKLOG
            )
            self._address = self._server.sockets[0].getsockname()[:2]
            self._watch()
        return self

    async def stop(self, drain: float = 0.5) -> None:
        """Stop listening, send what is still held, and end. Twice is fine.

        Args:
            drain: How long clients have to take what is held, in seconds.
        """
        if self._server is None:
            return
        self._server.close()
        self._server = None
        if self._timer is not None:
            self._timer.cancel()
        for client in list(self._clients):
            client.close()
        try:
            async with asyncio.timeout(drain):
                await self._nobody.wait()
        except TimeoutError:
            pass
        finally:
            for client in list(self._clients):
                client.abort()
        # Aborting takes effect in the next round of the event loop.
        await self._nobody.wait()

    def _watch(self) -> None:
        """Cut idle clients off, and look again when the next could be idle.

        One timer for all of them: one for each would be a sixth of all that a
        client takes of memory, and to set it anew for each piece of data would
        cost more than echoing.
        """
        if self.timeout is None:
            return
        now, longest = monotonic(), 0.0
        for client in self._clients:
            idle = client.idle(now)
            if idle >= self.timeout:
                client.abort()
            else:
                longest = max(longest, idle)
        wait = max(self.timeout - longest, self.timeout / 20)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(wait, self._watch)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        if self._address is None:
            return "<EchoServer, not started>"
        state = "stopped" if self._server is None else "running"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            f"<EchoServer {host}:{self.port}, {state}, "
            f"{len(self._clients)} connected, {self.served} served>"
        )


class _Echo(OneBuffer):
    """One client. The event loop calls these methods; none of them waits."""

    # Without a dictionary for each, there is room for more of them.
    __slots__ = ("_heard", "_held", "_server", "_transport", "room")
    _transport: asyncio.Transport

    def __init__(self, server: EchoServer) -> None:
        self._server = server
        self.room = server._room
        self._heard = monotonic()
        self._held = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        server = self._server
        server._clients.add(self)
        server._nobody.clear()
        if len(server._clients) > server.max_connections:
            transport.abort()
            return
        server.served += 1
        transport.set_write_buffer_limits(high=server.limit)

    def data_received(self, data: bytes) -> None:
        self._heard = monotonic()
        self._transport.write(data)

    def pause_writing(self) -> None:
        # More than `limit` is held: what is not read from the socket fills its
        # buffer, then the client's, and then the client's `send` waits.
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    # There is no `eof_received`: by default the transport is closed when the
    # client has ended, and a transport that closes sends what it holds first.

    def connection_lost(self, error: Exception | None) -> None:
        self._server._clients.discard(self)
        if not self._server._clients:
            self._server._nobody.set()

    def close(self) -> None:
        """Read no more, and end when all that is held has been sent."""
        self._transport.close()

    def abort(self) -> None:
        """End now."""
        self._transport.abort()

    def idle(self, now: float) -> float:
        """Return for how long, in seconds, it neither sent nor took a byte."""
        held = self._transport.get_write_buffer_size()
        if held != self._held:  # it is slow, but it is reading
            self._heard = now
        self._held = held
        return now - self._heard
