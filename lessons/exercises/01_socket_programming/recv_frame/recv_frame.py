"""1.3 Frames."""

import socket


def recv_frame(sock: socket.socket, limit: int) -> bytes:
    r"""Read one frame from a socket: a size, then that many bytes.

    The size is four bytes, big-endian, without a sign; then comes the
    payload, of just that size. It may be 0.

        b"\x00\x00\x00\x05hello"  ->  b"hello"

    Nothing after the frame is taken from the socket: the next call reads the
    next frame. Pieces may be cut anywhere, also inside the size.

    Args:
        sock: A connected TCP socket. It may have a timeout, or none.
        limit: How many bytes of payload are accepted. A payload of just that
            size is fine.

    Returns:
        The payload, without the size.

    Raises:
        ValueError: The size is above the limit. It is raised when just the
            four bytes of the size have been taken from the socket: what the
            peer announces may never come, or fill the memory.
        EOFError: The peer closed before the frame was complete, or before it
            began.
        TimeoutError: The socket has a timeout, and it passed.
    """
    raise NotImplementedError("not written yet")
