"""1.5* An echo server for everybody."""

import socket
import threading


def serve(listener: socket.socket, stop: threading.Event) -> None:
    """Echo what clients send, many of them at once, until told to stop.

    Each client gets back what it sent, in order and complete. Nobody has to
    wait for somebody else: not for a client that says nothing, not for one
    that sends and never reads what comes back, not for fifty of them. A client
    that is reset or gone (an `OSError` of its socket) ends nothing but its
    own connection.

    When a client says that it sends no more (a half-close: `recv` returns
    `b""`), it gets the rest of what it sent; then its connection is closed.

    For a client that does not read, at most 1 MiB is held (besides what the
    system holds): then nothing more is read from it until it reads.

    While nothing happens, the processor is left alone: to look around some
    times a second is fine, to use a tenth of its time is not.

    When `stop` is set, return within 0.5 s, whatever the clients do. Then all
    accepted sockets are closed; what they have not yet got is not sent any
    more. The listener is not closed, and nobody accepts from it any more.

    Args:
        listener: A TCP socket that listens already. It may have a timeout, or
            none. When this returns, its timeout is the same as before.
        stop: Set when it is time to end; perhaps from the beginning.
    """
    raise NotImplementedError("not written yet")
