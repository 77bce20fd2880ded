"""Sockets that know their deadline, and connections of urllib3 that use them.

`timeout=0.3` bounds one wait: a server that sends a byte every 0.2 s keeps a
requests call for as long as it likes. A clock around `stream=True` comes too
late, for the headers may drip as well; a timer for each call costs 15 %. Here
the socket works out before each wait how much time is left. That costs next to
nothing, and covers the TLS handshake, a proxy's CONNECT, the headers and the
body, streamed or not.
"""

import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any

from urllib3 import connection
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import ssl_

from netbasics.clients.calls import Allowance
from netbasics.clients.dialing import Dial, dial
from netbasics.clients.framing import StrictResponse
from netbasics.deadlines import Deadline

__all__ = ["Connection", "DeadlineSocket", "DeadlineTLSSocket", "TLSConnection"]

if TYPE_CHECKING:
    _Socket = socket.socket
    _Connection = connection.HTTPConnection
else:  # they are mixed into two kinds each
    _Socket = _Connection = object


class _Bounded(_Socket):
    """Work out the time for each wait from the allowance that was set."""

    _allowance: Allowance | None = None

    def settimeout(self, value: float | None) -> None:
        self._allowance = value if isinstance(value, Allowance) else None
        super().settimeout(self.gettimeout() if self._allowance else value)

    def gettimeout(self) -> float | None:
        # A TLS socket asks the plain one that it takes over, and gives that
        # much to its whole handshake.
        if self._allowance is None:
            return super().gettimeout()
        return self._allowance.left()

    def _arm(self) -> None:
        if self._allowance is not None:
            super().settimeout(self._allowance.left())

    def recv_into(self, *args: Any) -> int:
        self._arm()
        return super().recv_into(*args)

    def recv(self, *args: Any) -> bytes:
        self._arm()
        return super().recv(*args)

    def send(self, *args: Any) -> int:
        self._arm()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        # The system's sendall counts its timeout for all of the data; that of
        # a TLS socket calls `send` in a loop. Both are within the deadline.
        self._arm()
        super().sendall(*args)


class DeadlineSocket(_Bounded, socket.socket):
    """A TCP socket whose every wait ends with its call."""


class DeadlineTLSSocket(_Bounded, ssl.SSLSocket):
    """The same inside TLS."""


class _Dialling(_Connection):
    """Connect by a function that can be replaced, and keep to the deadline."""

    response_class = StrictResponse

    def __init__(self, *args: Any, dial: Dial = dial, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        try:
            sock = self._connected()
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "nobody answered") from error
        except OSError as error:
            raise NewConnectionError(self, "no connection") from error
        # What http.client announces too, for those who watch.
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def _connected(self) -> socket.socket:
        """Return a new connection as a socket that knows its deadline."""
        allowance = self.timeout
        left = (
            allowance.left() if isinstance(allowance, Allowance) else allowance
        )
        scheme = "https" if self.default_port == 443 else "http"
        plain = self._dial(
            scheme, self._dns_host, self.port or 0, Deadline(left)
        )
        sock = DeadlineSocket(fileno=plain.detach())
        try:
            sock.settimeout(allowance)
            for option in self.socket_options or ():
                sock.setsockopt(*option)
        except BaseException:
            sock.close()
            raise
        return sock


class Connection(_Dialling, connection.HTTPConnection):
    """A connection of urllib3 with a connect step of ours."""


class TLSConnection(_Dialling, connection.HTTPSConnection):
    """The same for https."""

    def connect(self) -> None:
        """Connect, and speak TLS through a socket that knows its deadline."""
        if self.ssl_context is None:
            # The context that urllib3 would make, but for the class of socket.
            self.ssl_context = ssl_.create_urllib3_context(
                cert_reqs=ssl_.resolve_cert_reqs(self.cert_reqs)
            )
            self.ssl_context.sslsocket_class = DeadlineTLSSocket
        super().connect()
