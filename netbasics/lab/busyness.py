"""Not now: 429 and 503, with a time after which to come back."""

import math
import threading
import time
from email.utils import formatdate
from typing import Literal

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["too_many_requests", "unavailable"]

Form = Literal["seconds", "date"]


class Pause:
    """A time that begins with the first request and then is over for good.

    Args:
        seconds: How long it lasts, in seconds.
        form: How it is announced.
    """

    def __init__(self, seconds: float, form: Form) -> None:
        if not seconds >= 0 or form not in ("seconds", "date"):
            raise ValueError(
                f"seconds={seconds!r}, form={form!r}: give 0 or more seconds, "
                "and 'seconds' or 'date'"
            )
        self._seconds = seconds
        self._form = form
        self._lock = threading.Lock()
        self._end: float | None = None

    def remaining(self) -> float:
        """Return the seconds that are left; the first call starts it."""
        with self._lock:
            if self._end is None:
                self._end = time.time() + self._seconds
                if self._form == "date":
                    # An HTTP date has whole seconds only. Rounded down, a
                    # client that comes at that very second would be early.
                    self._end = math.ceil(self._end)
            return self._end - time.time()

    def header(self, remaining: float) -> tuple[str, str]:
        """Return the header that announces so many seconds."""
        if self._form == "date":
            moment = round(time.time() + remaining)
            return ("Retry-After", formatdate(moment, usegmt=True))
        return ("Retry-After", str(math.ceil(remaining)))


def refusing(name: str, status: int, pause: Pause, content: bytes) -> Peer:
    """Return a peer that refuses until the pause is over."""

    def script(visit: Visit) -> None:
        visit.read_request()
        remaining = pause.remaining()
        if remaining > 0:
            wait = [pause.header(remaining)]
            later = b'{"error": "come back later"}\n'
            visit.send(answer(later, status=status, headers=wait))
        else:
            visit.send(answer(content))

    return TCPPeer(name, script, content=content)


@fault(
    "http",
    should="succeed",
    because="it says when to come back, soon",
    name="too_many_requests_date",
    form="date",
)
@fault("http", should="succeed", because="it says when to come back, soon")
def too_many_requests(
    seconds: float = 1, *, form: Form = "seconds", content: bytes = OK
) -> Peer:
    """Answer 429 and a Retry-After; work when that time is over.

    Real world: a rate limit. Those who come back early are refused again, and
    with many services for longer each time.

    The caller sees: 429 with `Retry-After`, in one of two forms: seconds, or
    a date (RFC 9110, section 10.2.3). A client that calls `int` on it fails at
    the second. A patient client needs two requests; `attempts` shows it.

    Args:
        seconds: How long it refuses, from the first request on, in seconds.
            A date is rounded up to whole seconds, and so is the refusal.
        form: `"seconds"` or `"date"`.
        content: The body when the time is over, as JSON.

    Raises:
        ValueError: A negative time, or a form that does not exist.
    """
    pause = Pause(seconds, form)
    return refusing("too_many_requests", 429, pause, content)


@fault(
    "http",
    should="succeed",
    because="it says when to come back, soon",
    name="unavailable_date",
    form="date",
)
@fault("http", should="succeed", because="it says when to come back, soon")
def unavailable(
    seconds: float = 1, *, form: Form = "seconds", content: bytes = OK
) -> Peer:
    """Answer 503 and a Retry-After; work when that time is over.

    Real world: maintenance, a restart, too much load.

    The caller sees: 503 with `Retry-After`, as with `too_many_requests`. Here
    it is the server's state and not the caller's behaviour; a 503 may come
    from a proxy that knows nothing better than a time.

    Args:
        seconds: See `too_many_requests`.
        form: See there.
        content: See there.

    Raises:
        ValueError: See there.
    """
    return refusing("unavailable", 503, Pause(seconds, form), content)
