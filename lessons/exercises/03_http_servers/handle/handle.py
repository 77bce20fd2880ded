"""3.5* One connection, many requests."""

import socket
from collections.abc import Callable

from netbasics.practice import Response

App = Callable[[str, str, list[tuple[str, str]], bytes], Response]


def handle(sock: socket.socket, app: App) -> None:
    """Serve one client over HTTP/1.1 until the connection ends.

    Requests are answered one after the other. A client may send the next one
    before it has the answer (pipelining), and all of them in one piece.

    Answers: the status and headers of what `app` returns, and with them
    `Content-Length`, which `app` leaves to you. The connection then stays
    open, unless the request had `Connection: close` (in any case): its answer
    has that header too, and is the last one.

    Bodies: as many bytes as `Content-Length` says; or chunked, and then
    `app` gets the decoded body (what follows a `;` in the line of a chunk's
    size is ignored, and so are trailers); or none.

    Time: `handle` waits for a request from the moment when it is called, and
    again from the end of each answer. Within 2 s of that, the request's head
    must be complete, with its empty line. If it is not, the connection is
    closed, after a 408 if at least one byte of the request has come, and
    without a word if none has. The body and `app` may take any time.

    Refused with a 400, without asking `app`, is a request

    - with a Content-Length and a Transfer-Encoding;
    - whose Content-Length is not just ASCII digits, or has two that differ;
    - whose Transfer-Encoding is anything but `chunked` (in any case);
    - with a chunk whose size is not just hexadecimal digits, or that has no
      CRLF behind its data;
    - whose first line is not method, target and `HTTP/1.1`, with one blank
      between them;
    - with a header line that has no colon, or a blank, a tab or nothing at
      all in front of it.

    If `app` raises, the client gets a 500. The answers 400, 408 and 500 have
    `Connection: close`, and are the last on their connection; their bodies
    are yours to choose.

    A client that closes in the middle of a request is not served: `app` is
    not asked. One that has only ended its sending, behind complete requests,
    gets all its answers. Nothing is raised, whatever client and `app` do, and
    when `handle` returns, `sock` is closed.

    Args:
        sock: A connected TCP socket, without a timeout. It is yours.
        app: Called as `app(method, target, headers, body)`: the method and
            the target as they came, such as `"POST"` and `"/a?b=c"`; headers
            as pairs, the names in any case, the values without blanks at
            their ends; the body as bytes.

    Lines end with CRLF, and a head is at most 16 KiB; what is otherwise may
    be refused or not. Nobody asks with HEAD or waits for a `100 Continue`,
    and `app` answers with neither 1xx, 204 nor 304.
    """
    raise NotImplementedError("not written yet")
