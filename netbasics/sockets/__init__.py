"""TCP and UDP, with the parts that tutorials leave out.

A stream has no messages: what one side sends in five calls the other may
receive in one, or in fifty. Every wait may last for ever, every length that a
peer announces may be a lie, and every connection may end at any byte. The
functions here are small, and right about that.

    >>> import socket
    >>> ours, theirs = socket.socketpair()
    >>> send_frame(theirs, b"one"), send_frame(theirs, b"two")
    (None, None)
    >>> recv_frame(ours)
    b'one'
    >>> Reader(ours, deadline=5.0).frame()
    b'two'
    >>> ours.close(), theirs.close()
    (None, None)

One total time can be shared by any number of calls: make a `Deadline` and
give it to each as its `timeout` or `deadline`.

The modules inside: `connecting`, `exact` (so many bytes), `frames`,
`reading` and `buffering` (the reader), `asking` (TCP), `datagrams` (UDP), and
`waiting`, which they share. All public names are here. `one_buffer` is for the
helpers on asyncio.
"""

from netbasics.sockets.asking import REPLY_LIMIT, ask
from netbasics.sockets.connecting import Address, connect
from netbasics.sockets.datagrams import LARGEST_DATAGRAM, ask_udp
from netbasics.sockets.exact import recv_exactly
from netbasics.sockets.frames import FRAME_LIMIT, recv_frame, send_frame
from netbasics.sockets.reading import LINE_LIMIT, REST_LIMIT, Reader

__all__ = [
    "FRAME_LIMIT",
    "LARGEST_DATAGRAM",
    "LINE_LIMIT",
    "REPLY_LIMIT",
    "REST_LIMIT",
    "Address",
    "Reader",
    "ask",
    "ask_udp",
    "connect",
    "recv_exactly",
    "recv_frame",
    "send_frame",
]
