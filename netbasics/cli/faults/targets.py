"""What a client is pointed at, and the limits that all of them get."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from netbasics.lab import Fault, NameServer, Peer

__all__ = ["DEADLINE", "LIMIT", "MAX_BYTES", "PAUSE", "TIMEOUT", "Target"]

TIMEOUT = 2.0
"""What every client gets as its timeout, in seconds."""
DEADLINE = 4.0
"""What ours get for a whole call, in seconds."""
LIMIT = 6.0
"""After this a client counts as hung, in seconds."""
MAX_BYTES = 1 << 20
"""What ours get as the largest body, in bytes."""
PAUSE = 0.1
"""Between two requests of one session, in seconds."""

UDP_QUESTION = b"Is anybody there?"


@dataclass(frozen=True)
class Target:
    """A running peer, as a client sees it.

    Args:
        fault: What is wrong with it.
        peer: The peer.
        pem: A file with the authority to trust; None for the system's.
    """

    fault: Fault
    peer: Peer
    pem: Path | None = None

    @property
    def json(self) -> bool:
        """Whether what comes is to be decoded as JSON."""
        return self.fault.kind == "json"

    @property
    def name_server(self) -> NameServer:
        """The peer, of which it is known that it is a name server."""
        assert isinstance(self.peer, NameServer)
        return self.peer

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings of a client that checks certificates."""
        return ssl.create_default_context(cafile=self.pem)
