"""See the bytes: write down what passes, and change nothing.

    >>> from netbasics import servers, sockets, wire
    >>> with servers.EchoServer() as server, wire.tap(server) as tap:
    ...     sockets.ask(tap.address, b"hello")
    b'hello'
    >>> tap.transcript.data("to-client")
    b'hello'
    >>> print(tap)                                        # a sequence diagram
    127.0.0.1:... through a tap at 127.0.0.1:...
    ...

What each file is for: `targets` says where a tap leads to; `relay` carries one
connection and its endings, `polling` asks the system about a socket, and
`tapping` is the proxy; `tls_ends` ends TLS, `tls` reads what is in the clear;
`udp` is the same for datagrams, `views` what all of them show. `watching` needs
no proxy: `hooks` puts the `methods` in that listen, `calls` reads what a call
carried, `witness` tells which sockets are clients, `looking` asks the system
about them, `conversations` notes what they were told. `recording` and
`writing` write down, `transcript` is what one gets of it, `exchanges` reads
that as HTTP. `previews`, `folding`, `scene`, `drawing`, `live`, `svg` and
`terminals` make pictures of it, `saving`, `har` and `pcap` files.
"""

from netbasics.wire.exchanges import Exchange
from netbasics.wire.tapping import Tap, tap
from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Missed,
    Transcript,
)
from netbasics.wire.udp import UDPTap, tap_udp
from netbasics.wire.watching import Watch, watch

__all__ = [
    "TO_CLIENT",
    "TO_SERVER",
    "Direction",
    "Event",
    "Exchange",
    "Flow",
    "Missed",
    "Tap",
    "Transcript",
    "UDPTap",
    "Watch",
    "tap",
    "tap_udp",
    "watch",
]
