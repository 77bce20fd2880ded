"""2.4 An HTTP response by hand."""

import socket

from netbasics.practice import Response


def read_response(sock: socket.socket) -> Response:
    r"""Read one HTTP/1.1 response to a GET from a socket, and nothing after it.

    Whatever comes behind the response stays in the socket: on a connection
    that is kept, it is the next one. The bytes may come in any pieces.

    A response is a head and a body. The head is a status line (`HTTP/1.1 200
    OK`, also `HTTP/1.0`; the phrase may be missing) and headers (`Name:
    value`), each line ended by CRLF; then comes an empty line. A head has up to
    64 KiB (65,536 bytes, with its empty line). What it says about the body:

    - Responses with status 1xx are nothing but a head, and come before the
      real one: skip them. (101 is not tested.)
    - 204 and 304 have no body, whatever the headers say.
    - `Transfer-Encoding: chunked` (in any case of letters): chunks. Each is a
      line with its size in hexadecimal digits (upper or lower case), then so
      many bytes, then CRLF. Behind the size there may be `;` and extensions,
      which mean nothing to you. A chunk of size 0 is the last; it has no bytes
      and no CRLF of its own. Then come trailers, lines like headers, which
      are dropped, and an empty line.
    - `Content-Length`: so many bytes, in ASCII digits. It may be there more
      than once if all have the same value.
    - Neither: all bytes until the peer closes.

    (Not tested: a head whose lines end in LF alone, a header that goes on in
    the next line, blanks before a header's colon or around a chunk's size,
    several values in one `Content-Length` (`5, 5`), endless trailers.)

    Args:
        sock: A connected TCP socket; the request has been sent. It may have a
            timeout, or none. It stays open.

    Returns:
        The status, the headers as pairs in their order (names as they were
        spelled, values without the blanks around them, as Latin-1; duplicates
        are all there), and the body, without its chunks' framing.

    Raises:
        EOFError: The peer closed before the response was complete.
        ValueError: What came is no response, or one that two readers may
            read differently: no status line of HTTP/1.x with a status of three
            digits, a header line without a colon, a head of more than 64 KiB
            (do not wait for its end), a length or a chunk size that has
            anything but digits or none, lengths that differ, a length together
            with a `Transfer-Encoding`, a `Transfer-Encoding` that is not
            `chunked` alone, a chunk without its CRLF.
        TimeoutError: The socket has a timeout, and nothing came for that long.
    """
    raise NotImplementedError("not written yet")
