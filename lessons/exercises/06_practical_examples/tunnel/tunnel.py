"""6.4 The tunnel of a proxy."""

import socket
from collections.abc import Callable

Connect = Callable[[str, int], socket.socket]


def tunnel(client: socket.socket, connect: Connect) -> None:
    r"""Serve one client of an HTTP proxy: CONNECT, then bytes both ways.

    The client sends a head: a request line, headers, and an empty line, with
    CRLF at the end of each. It may come in any number of pieces.

        CONNECT www.example.com:443 HTTP/1.1
        Host: www.example.com:443

    The function calls `connect("www.example.com", 443)` once, answers
    `HTTP/1.1 200` with a reason and an empty line (no body), and carries all
    bytes both ways until both directions have ended. Bytes that the client
    sent behind its head, even in the same piece, belong to the other side.

    - A half-close is passed on: when one side ends its sending, and all it
      sent has been carried over, the other side is told so (`shutdown`). The
      other direction goes on for as long as it likes.
    - The directions do not wait for each other: while one is held up by a
      reader that does not read, the other one goes on.
    - There is no limit on idle time. Both sockets may have a timeout; that is
      no reason to end.
    - If either connection is reset, both directions end.

    Args:
        client: The accepted connection; a TCP socket.
        connect: Takes a host and a port (an int) and returns a connected TCP
            socket, or raises OSError. For `[::1]:443` the host is `::1`.

    Returns:
        None, when both directions have ended. What `connect` returned is
        closed by then. `client` is open, for its owner to close, and was told
        that nothing more will come (`shutdown(SHUT_WR)`).

    Without a tunnel, in these cases:

    - Another method than CONNECT: the answer is a 400, and `connect` is not
      called. The same for a target that is not host, colon, port, with a port
      of decimal digits from 1 to 65535 and a host that is not empty.
    - `connect` raises OSError: the answer is a 502.
    - The client ends its sending, or resets, before its head is complete:
      nothing is answered, and `connect` is not called.

    An answer of 400 or 502 is a status line, perhaps headers, and an empty
    line, perhaps a body; behind it the client is told that nothing more will
    come. Nothing is raised in any of these cases.
    """
    raise NotImplementedError("not written yet")
