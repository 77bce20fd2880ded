"""From what aiohttp raises to one error that says what happened.

aiohttp's own errors come from ten classes, quote the URL with the key in its
query, and hold the headers that were sent. What a caller gets instead is also a
builtin (`TimeoutError`, `ConnectionError`, `EOFError`, `ValueError`), and its
text is safe to log.
"""

import os
import socket

import aiohttp

from netbasics.aio.answers import NotConnected
from netbasics.errors import ConnectionClosed, NetbasicsError, ProtocolError
from netbasics.retries import Failure

__all__ = ["explain"]

# What OpenSSL says, in its versions, of plain text: it takes the first bytes
# for a version or a length.
_NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)


def explain(error: Exception, what: str) -> tuple[Exception, Failure | None]:
    """Return the error to hand out, and what a retry policy is told.

    Args:
        error: What was raised while making a request; not a timeout.
        what: The request, safe to show: "GET http://example.org/".

    Returns:
        The error, and None where another try would not help.
    """
    if isinstance(error, ConnectionClosed):
        return error, Failure.LOST
    if isinstance(error, NetbasicsError):
        return error, None
    if isinstance(error, aiohttp.ClientConnectorError):
        return _not_connected(error, what)
    if isinstance(error, aiohttp.ClientConnectionError):
        lost = ConnectionClosed(0, what=f"the response to {what}")
        return lost, Failure.LOST
    if isinstance(error, aiohttp.ClientHttpProxyError):
        refused = f"{what}: the proxy would not connect us: {error.status}"
        return NotConnected(refused), Failure.UNSENT
    if isinstance(error, aiohttp.ClientError):
        why = getattr(error, "message", "") or type(error).__name__
        return ProtocolError(
            f"{what}: what came is not proper HTTP: {_first_lines(why)}; is "
            "it the right port, and the right scheme?"
        ), None
    return error, None


def _not_connected(
    error: aiohttp.ClientConnectorError, what: str
) -> tuple[Exception, Failure | None]:
    """Explain why there was no connection at all."""
    reason = error.os_error
    failure: Failure | None = Failure.UNSENT
    if isinstance(error, aiohttp.ClientSSLError):
        text, failure = f"no TLS connection: {reason}", None
        if getattr(reason, "reason", None) in _NOT_TLS:
            text += "; is it an http:// address?"
    elif isinstance(reason, socket.gaierror):
        text = f"the host was not found: {reason.strerror}"
        if reason.errno != socket.EAI_AGAIN:
            failure = None  # another look-up would say the same
    elif isinstance(error, aiohttp.ClientProxyConnectionError):
        text = f"no connection to the proxy: {_strerror(reason)}"
    else:
        text = (
            f"no connection: {_strerror(reason)}; does a server listen there?"
        )
    made = NotConnected(f"{what}: {text}")
    # The frames of the libraries hold the headers that were being sent.
    made.__cause__ = reason.with_traceback(None)
    return made, failure


def _strerror(error: OSError) -> str:
    """Return the system's text; asyncio puts the address in its place."""
    return os.strerror(error.errno) if error.errno else str(error)


def _first_lines(text: str) -> str:
    return " ".join(text.split())[:100]
