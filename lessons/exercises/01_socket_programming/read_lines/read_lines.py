"""1.2 Lines from a stream."""

import socket
from collections.abc import Iterator


def read_lines(sock: socket.socket, max_length: int) -> Iterator[str]:
    r"""Yield the lines that come from a socket, as text, until its end.

    A line ends with LF (`\n`) or CRLF (`\r\n`), and is yielded without it, as
    soon as its LF is there: the peer may wait for an answer before it sends
    the next one. Nothing else ends a line. A CR that is not just before an LF
    belongs to the line, and so does any other character.

    The peer closes when it has no more. What came after the last LF is then a
    line too, if it is not empty.

        b"one\r\ntwo\n\nthr\ree"  ->  "one", "two", "", "thr\ree"

    Pieces may be cut anywhere: between CR and LF, or inside a character.
    Nobody else reads from the socket, so reading ahead is fine.

    Args:
        sock: A connected TCP socket.
        max_length: How many bytes a line may have, its LF or CRLF not
            counted. A line of just that length is fine.

    Yields:
        Each line, decoded as UTF-8. Those before a bad line are yielded.

    Raises:
        ValueError: A line is longer than `max_length`. It is raised as soon
            as that is certain, with no further byte: the LF of an endless
            line never comes. (With one byte too many, a CR, it is not yet
            certain: an LF may follow. If the end follows instead, it is.)
            Or a line is not valid UTF-8.
    """
    raise NotImplementedError("not written yet")
