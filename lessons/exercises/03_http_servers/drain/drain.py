"""3.2 A clean stop."""

import socket
import threading
from collections.abc import Callable

from netbasics.practice import Response

App = Callable[[str, str, list[tuple[str, str]], bytes], Response]


def drain(listener: socket.socket, app: App, stop: threading.Event) -> None:
    """Serve HTTP until `stop` is set, and then end without losing anybody.

    Each connection brings one request. `app` is asked for the answer; it is
    sent as HTTP/1.1, with the status and headers of the Response, and with
    `Content-Length` and `Connection: close`, which `app` leaves to you. Then
    the connection is closed.

    Clients are served at the same time, as many as twenty: while one of them
    sends slowly, or `app` takes its time for it, the others go on. A client
    that closes before its request is complete gets no answer and disturbs
    nobody.

    When `stop` is set:

    - within 0.5 s `listener` is closed, so that a new connection is refused;
    - within 0.5 s the connections on which nothing has come are closed;
    - a request of which at least one byte has come is finished: its rest has
      2 s to arrive, counted from `stop` for all its bytes together, and it
      gets its answer, however long `app` takes. What is not complete by then
      is closed, with no answer;
    - when all of that is done, `drain` returns, at once.

    A connection that you have not accepted when `stop` is set may be lost.
    Before `stop`, a client may take as long as it likes. You may use any
    library.

    Args:
        listener: A listening TCP socket, without a timeout. It is yours.
        app: Called as `app(method, target, headers, body)`: the method and
            the target as they came, such as `"POST"` and `"/a?b=c"`; headers
            as pairs of name and value, in any case; the body as bytes, `b""`
            if there is none. It raises nothing, and may be called by several
            threads at once.
        stop: Set by another thread when it is time to end.

    The requests are correct HTTP/1.1, with a head of at most 16 KiB. A body
    has a `Content-Length`; it is never chunked, and nobody waits for a
    `100 Continue`.
    """
    raise NotImplementedError("not written yet")
