"""From what requests and urllib3 raise to one error that says what happened."""

import errno
import http.client
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import requests
import urllib3
from requests import exceptions
from requests.utils import check_header_validity

from netbasics import errors, urls
from netbasics.clients import failures
from netbasics.clients.calls import Call
from netbasics.clients.failures import RequestError

__all__ = ["explain", "refuse"]

# What OpenSSL says, in its versions, of plain text: it takes the first bytes
# for a version or a length.
_NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
_WRAPPERS = (requests.RequestException, urllib3.exceptions.HTTPError)


def explain(
    error: BaseException,
    request: requests.PreparedRequest,
    call: Call,
    response: requests.Response | None = None,
) -> RequestError:
    """Return the error to raise for one that came out of the libraries.

    Args:
        error: What was raised.
        request: What was asked for.
        call: The limits it was asked under.
        response: The response whose body was being read, if it came so far.

    Its `__cause__` is the innermost error, usually an OSError of the system:
    unlike the layers around it, that one does not quote the URL.
    """
    if isinstance(error, RequestError):
        return error
    root = _innermost(error)
    what = f"{request.method} {urls.redact(request.url)}"
    if isinstance(root, TimeoutError):
        made = _too_late(error, what, call, response)
    elif response is not None:
        made = _broken_body(root, what, response)
    else:
        made = _no_response(error, root, what)
    made.request, made.response = request, response
    made.__cause__ = root if root is not error else None
    return made


def _innermost(error: BaseException) -> BaseException:
    """Return the error that the libraries wrapped, and wrapped again.

    It does not follow `__context__`: that leads on to whatever the caller was
    handling when it made the request.
    """
    while isinstance(error, _WRAPPERS):
        inner = [getattr(error, "reason", None), *error.args, error.__cause__]
        found = [e for e in inner if isinstance(e, BaseException)]
        if not found:
            break
        error = found[0]
    return error


def _too_late(
    error: BaseException,
    what: str,
    call: Call,
    response: requests.Response | None,
) -> RequestError:
    connecting = isinstance(error, requests.ConnectTimeout)
    if response is not None:
        doing = f"reading the body of {what}"
    elif connecting:
        doing = f"connecting for {what}"
    else:
        doing = f"waiting for the response to {what}"
    if call.deadline.expired:
        seconds = call.deadline.seconds or 0.0
        return failures.DeadlineExceeded(seconds, doing=doing)
    if connecting:
        return failures.NotAnswered(
            f"{what}: nobody answered within {call.connect_limit:g} s; is the "
            "address right, and the machine reachable?"
        )
    return failures.TimedOut(
        f"the server was silent for {call.read_limit:g} s (while {doing}); "
        "if it may be that slow, give a larger timeout="
    )


def _broken_body(
    root: BaseException, what: str, response: requests.Response
) -> RequestError:
    if isinstance(root, http.client.IncompleteRead | OSError):
        got = response.raw.tell()
        left = response.raw.length_remaining
        wanted = None if left is None else got + left
        return failures.ConnectionLost(got, wanted, what=f"the body of {what}")
    if isinstance(root, http.client.HTTPException):
        return _not_http(root, what)
    coding = response.headers.get("Content-Encoding", "")
    return failures.BadBody(
        f"{what}: the body is not what Content-Encoding {coding!r} says: {root}"
    )


def _no_response(
    error: BaseException, root: BaseException, what: str
) -> RequestError:
    if isinstance(root, errors.InvalidURL):
        return failures.NotPublic(str(root))
    if isinstance(error, exceptions.ProxyError):
        return failures.ProxyFailed(f"{what}: the proxy failed: {root}")
    if isinstance(error, exceptions.InvalidProxyURL):
        return failures.ProxyFailed(f"{what}: the proxy's URL has no host")
    if isinstance(error, exceptions.InvalidSchema):
        return failures.ProxyFailed(
            f"{what}: a SOCKS proxy needs one more package: pip install pysocks"
        )
    if isinstance(error, exceptions.InvalidURL):
        return failures.BadURL(f"{what}: that is no valid URL")
    if isinstance(root, ssl.SSLError | ssl.CertificateError):
        hint = ""
        if getattr(root, "reason", None) in _NOT_TLS:
            hint = "; is it an http:// address?"
        return failures.TLSFailed(f"{what}: no TLS connection: {root}{hint}")
    if isinstance(root, socket.gaierror):
        return _unknown_name(root, what)
    if _was_connecting(error):
        return failures.NotConnected(
            f"{what}: no connection: {root}; does a server listen there?"
        )
    if isinstance(root, http.client.RemoteDisconnected | OSError):
        made = failures.ConnectionLost(0, what=f"the response to {what}")
        if getattr(root, "errno", None) == errno.ECONNRESET:
            made.args = (f"{made.args[0]} (reset)",)
        return made
    return _not_http(root, what)


def _not_http(root: BaseException, what: str) -> RequestError:
    # http.client's plain HTTPException has a reason, the others have a name.
    kind = type(root).__name__
    reason = str(root)[:100]
    if kind != "HTTPException":
        reason = f"{kind} {reason!r}"
    return failures.NotHTTP(
        f"{what}: what came is not proper HTTP: {reason}; is it the right "
        "port, and the right scheme?"
    )


def _unknown_name(root: socket.gaierror, what: str) -> RequestError:
    made = failures.NotConnected(
        f"{what}: the host was not found: {root.strerror or root}"
    )
    if root.errno != socket.EAI_AGAIN:
        made.failure = None  # another look-up would say the same
    return made


def _was_connecting(error: BaseException) -> bool:
    """Whether the error came from the connect step, before anything was sent.

    urllib3 calls it NewConnectionError, inside a MaxRetryError inside of
    requests's ConnectionError.
    """
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def refuse(
    error: requests.RequestException,
    url: str,
    headers: Mapping[str, object],
    *,
    public: bool,
) -> requests.RequestException:
    """Return the error to raise for a request that was not even sent.

    Args:
        error: What requests raised.
        url: What was to be requested.
        headers: All its headers. What is wrong is told by their names.
        public: Whether only public addresses are allowed.
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, requests.TooManyRedirects):
        history = error.response.history if error.response is not None else []
        made = failures.TooManyRedirects(
            f"the chain of redirects from {urls.redact(url)}",
            limit=len(history),
            unit="redirects",
        )
        made.request, made.response = error.request, error.response
        return made
    if isinstance(error, exceptions.InvalidHeader):
        return _bad_header(headers)
    no_url = exceptions.MissingSchema | exceptions.InvalidSchema
    if isinstance(error, no_url | exceptions.InvalidURL):
        ours = failures.NotPublic if public else failures.BadURL
        shown = repr(urls.redact(url))
        return ours(f"{shown} cannot be requested: {_no_url(url)}")
    return error


def _no_url(url: str) -> str:
    """Return why this is no URL that can be requested, and what may be."""
    # The likely slip: `localhost:8000` has, to the letter, a scheme.
    bare = "//" not in url and "@" not in url
    bare = bare and not url.lower().startswith(("http:", "https:"))
    if bare and urls.is_valid(f"http://{url}"):
        return f"it has no scheme; did you mean http://{urls.redact(url)}?"
    try:
        urls.validate(url)
    except errors.InvalidURL as error:
        return str(error).partition(": ")[2]
    return "requests takes it for no valid URL"


def _bad_header(headers: Mapping[str, object]) -> exceptions.InvalidHeader:
    """Return the error for a header, with its name but not its value."""
    names = []
    check: Any = check_header_validity
    for name, value in headers.items():
        try:
            check((name, value))
        except exceptions.InvalidHeader:
            names.append(str(name))
    return exceptions.InvalidHeader(
        f"the header {', '.join(names)!r} is not valid (its value is not "
        "shown): a line break, a blank at its start, or not a text? A key that "
        "was read from a file needs strip()"
    )
