"""The two halves of an HTTP connection, with the limits they need.

`http.server` reads from and writes to two file objects. The ones of the
standard library let a client that sends one byte per second hold a thread for
ever, and send each reply in two pieces. These do neither.
"""

import io
import math
from typing import Any

from netbasics.deadlines import Deadline
from netbasics.servers.connections import Connection

__all__ = ["Incoming", "Outgoing"]

# How long a client may take to send headers and body, each in all, in seconds.
HEADERS = 10.0
BODY = 60.0
# How long stop() waits for a reply that has begun and does not state its
# length, in seconds. It may have no end; an event stream has none for sure.
STREAM_PATIENCE = 0.1


class Incoming(io.RawIOBase):
    """What the client sends.

    Args:
        link: The connection that it comes by.
        outgoing: The other half; what it holds back is sent before a wait.
        idle: How long to wait for the first byte of a request, in seconds.
    """

    def __init__(
        self, link: Connection, outgoing: "Outgoing", idle: float
    ) -> None:
        self._link = link
        self._outgoing = outgoing
        self._idle = idle
        self._received = 0
        self._deadline: Deadline | None = None
        self._began = False
        #: Whether reading failed, and whether the client has said its last.
        self.broken = False
        self.ended = False

    def await_request(self) -> None:
        """Wait patiently for one byte, and from there on for the headers."""
        self._began = False

    def await_body(self) -> None:
        """Give the client time for a body, from the first wait for it."""
        self._began = True
        self._deadline = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def tell(self) -> int:
        """Return how many bytes came; `BufferedReader` builds on it."""
        return self._received

    def _patience(self) -> float:
        """Return how long to wait for the next bytes, in seconds.

        Raises:
            DeadlineExceeded: The headers, or the body, took too long.
        """
        if not self._began:
            return self._idle
        if self._deadline is None:
            self._deadline = Deadline(BODY)
        doing = "waiting for the rest of a request"
        return self._deadline.timeout(BODY, doing=doing) or BODY

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes, put them into the buffer, return how many."""
        self._outgoing.flush()
        try:
            count = self._link.receive_into(buffer, self._patience())
        except OSError:
            self.broken = True
            raise
        if not self._began:
            self._began = True
            self._deadline = Deadline(HEADERS)
        self.ended = count == 0
        self._received += count
        return count


class Outgoing(io.BufferedIOBase):
    """What is sent back.

    The headers of a reply are held until the first piece of its body comes, so
    that a small reply is one write. Two writes are two packets; to the second
    one the kernel adds up to 40 ms of waiting, unless TCP_NODELAY is set.
    Further pieces go out as they come: an event stream is not held back.

    Args:
        link: The connection that it goes by.
        timeout: The longest that one write may take, in seconds.
    """

    def __init__(self, link: Connection, timeout: float) -> None:
        self._link = link
        self._timeout = timeout
        self._held = b""
        self._patience = math.inf
        #: Whether anything of this reply is on its way.
        self.started = False
        #: Whether sending failed.
        self.broken = False

    def begin(self) -> None:
        """Forget the last reply; a new request is about to be answered."""
        self.started = False
        self._patience = self._link.patience = math.inf

    def hold(self, head: bytes) -> None:
        """Take the headers of a reply, to be sent with what follows."""
        fields = head.lower()
        self._held += head
        if b"\r\ncontent-length:" not in fields:
            self._patience = STREAM_PATIENCE
        if b"\r\ncontent-type: text/event-stream" in fields:
            self._patience = 0.0
            self.flush()  # the first event may be a long time coming

    def drop(self) -> None:
        """Forget what is held; an error takes its place."""
        self._held = b""

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Send the data, all of it, after what was held."""
        size = memoryview(data).nbytes
        if self._held:
            data, self._held = b"".join((self._held, data)), b""
        self._send(data)
        return size

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._send(held)

    def _send(self, data: Any) -> None:
        self.started = True
        self._link.patience = self._patience
        try:
            self._link.send_all(data, self._timeout)
        except OSError:
            self.broken = True
            raise
