"""One request, tried as often as its policy allows: a session's adapter."""

import itertools
import logging
import time
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.exceptions import UnrewindableBodyError
from requests.utils import rewind_body

from netbasics import urls
from netbasics.clients.calls import Call
from netbasics.clients.dialing import Dial, PublicDial, dial
from netbasics.clients.explaining import explain
from netbasics.clients.failures import RequestError
from netbasics.clients.response import Response
from netbasics.clients.transport import Connection, TLSConnection
from netbasics.errors import NetbasicsError

__all__ = ["Adapter"]

log = logging.getLogger("netbasics.clients")

DRAIN = 65536  # what is read of a response only to keep its connection
_OURS = {
    urllib3.connection.HTTPConnection: Connection,
    urllib3.connection.HTTPSConnection: TLSConnection,
}


class Adapter(HTTPAdapter):
    """Send requests within the limits of their call, and retry by its policy.

    It retries here and not in urllib3, whose `Retry` knows no deadline, repeats
    a POST that got a 503 if it is told to repeat 503s, sleeps for as long as
    Retry-After says, and does not see a body that was cut off.

    Args:
        dial: The connect step.
        sleep: Waits between two tries, in seconds.
        options: As for `requests.adapters.HTTPAdapter`.
    """

    __attrs__ = (*HTTPAdapter.__attrs__, "dial", "sleep")

    def __init__(
        self,
        *,
        dial: Dial = dial,
        sleep: Callable[[float], object] = time.sleep,
        **options: Any,
    ) -> None:
        self.dial = dial
        self.sleep = sleep
        super().__init__(**options)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return urllib3's pool for a request, with connections of our kind."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        ours = _OURS.get(pool.ConnectionCls)
        if ours:  # not yet changed, and no SOCKS proxy, which has its own
            pool.ConnectionCls = ours
            pool.conn_kw["dial"] = self.dial
        return pool

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a request, again if need be, and return the last response.

        Raises:
            RequestError: The last try had no response; see `failures`.
        """
        call = timeout if isinstance(timeout, Call) else Call(timeout)
        if isinstance(self.dial, PublicDial):
            proxies = {}  # a proxy would look the name up again by itself
        for tried in itertools.count(1):
            outcome = self._try(
                request,
                stream=stream,
                timeout=call,
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
            outcome.tries = tried
            pause = _pause(outcome, request, call)
            if pause is None:
                break
            _log_retry(outcome, request, call, pause)
            if isinstance(outcome, Response):
                _let_go(outcome)
            self.sleep(pause)
        if isinstance(outcome, RequestError):
            raise outcome
        return outcome

    def _try(
        self,
        request: requests.PreparedRequest,
        *,
        stream: bool,
        timeout: Any,
        **options: Any,
    ) -> Response | RequestError:
        """Send a request once. An error is returned: it may be retried.

        Unless the body is streamed it is read here, for a connection may break
        in the middle of it as well.
        """
        try:
            plain = super().send(
                request, stream=stream, timeout=timeout, **options
            )
            response = Response.of(plain, timeout)
            if not stream:
                response.load()
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            NetbasicsError,
        ) as error:
            return explain(error, request, timeout)
        return response


def _pause(
    outcome: Response | RequestError,
    request: requests.PreparedRequest,
    call: Call,
) -> float | None:
    """Return the seconds before the next try, or None if this was the last."""
    if isinstance(outcome, Response):
        failure: Any = outcome.status_code
        retry_after = outcome.headers.get("Retry-After")
    else:
        failure, retry_after = outcome.failure, None
    if failure is None:
        return None
    pause = call.retries.delay(
        outcome.tries,
        request.method or "",
        failure,
        retry_after=retry_after,
        # A server that knows this header carries a request out once.
        # (draft-ietf-httpapi-idempotency-key-header)
        idempotent="Idempotency-Key" in request.headers,
    )
    if pause is None or not _rewound(request):
        return None
    left = call.deadline.remaining()
    # With no time left for another try, better an answer now than none later.
    return pause if left is None or pause < left else None


def _rewound(request: requests.PreparedRequest) -> bool:
    """Make the body ready to be sent again; False for one that cannot be."""
    if request.body is None or isinstance(request.body, bytes | str):
        return True
    try:
        rewind_body(request)
    except UnrewindableBodyError:
        return False
    return True


def _let_go(response: Response) -> None:
    """Free the connection of a response that nobody will see.

    A short rest is read, so that the connection can be used again; for a long
    one a new connection is cheaper.
    """
    rest = 0
    try:
        for piece in response.arriving(DRAIN, decompress=False):
            rest += len(piece)
            if rest >= DRAIN:
                break
    except RequestError:
        pass
    response.close()


def _log_retry(
    outcome: Response | RequestError,
    request: requests.PreparedRequest,
    call: Call,
    pause: float,
) -> None:
    log.info(
        "%s %s: %s; try %d of %d follows in %.2f s",
        request.method,
        urls.redact(request.url),
        outcome.status_code
        if isinstance(outcome, Response)
        else type(outcome).__name__,
        outcome.tries + 1,
        call.retries.tries,
        pause,
    )
