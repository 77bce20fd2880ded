"""2.3 Once more, or not."""

from typing import Protocol

from netbasics.practice import Policy, Request, Response


class Clock(Protocol):
    """What time it is, and how to wait. The check's clock runs by itself."""

    def now(self) -> float:
        """Return the Unix time, in seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait; a negative number is a ValueError, as in `time.sleep`."""


def send(request: Request, policy: Policy, clock: Clock) -> Response:
    """Send a request, and send it again where that may help and does no harm.

    Use any library for the single requests, but let it repeat none and follow
    no redirect.

    - Status 429, 502, 503 and 504 say that it may work later: try again. Any
      other status is returned at once, also a 404, a 500 or a 302.
    - When no answer came (there was no connection, or it broke before the
      answer was complete) try again too.
    - `POST` and `PATCH` are sent once, whatever happens: nobody knows what a
      request without an answer has done. (All other methods may be repeated.)
    - No more than `policy.tries` requests are sent in all.
    - Before each further try, wait by `clock.sleep`. After try number n (1 is
      the first) the pause is `min(policy.cap, policy.base * 2 ** (n - 1))`
      seconds, exactly, without a random part.
    - If the answer has a `Retry-After` (its letters in any case), that is the
      pause instead, however long: a whole number of seconds, in digits only
      (`120`), or a date like `Sun, 06 Nov 1994 08:49:37 GMT`. A date is
      compared with `clock.now()`; after one that has passed there is no pause
      (or one of 0 s). Anything else in it is ignored, as if it were not there.
    - There is no pause after the last try.

    (How long a single request may take, and HEAD, are not tested.)

    Args:
        request: What to send. `request.method` is in upper case,
            `request.url` an http URL, `request.headers` pairs of name and
            value, and `request.body` is b"" where there is none.
        policy: How often, and with which pauses, in seconds.
        clock: Waits, and knows the time. Use no other clock.

    Returns:
        The answer of the last try, whatever its status: its status, its
        headers as pairs, its body. Nothing is raised for a status.

    Raises:
        Exception: The last try brought no answer, even if one before did:
            what was raised at that try, by the library or by Python, such as
            a `ConnectionError`.
    """
    raise NotImplementedError("not written yet")
