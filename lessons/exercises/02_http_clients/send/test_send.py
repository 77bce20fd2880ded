"""Checks send."""

from email.utils import formatdate

import pytest
from send import send

from netbasics import lab
from netbasics.practice import Policy, Request, Response

NOW = 4_000_000_000  # 2 October 2096: no answer comes out right by today's time
BODY = b'{"name": "Ada"}'
POLICY = Policy(tries=5, base=0.1, cap=0.3)
TWICE = (
    "The server got it more than once. `POST` and `PATCH` are sent once, "
    "whatever happens: the first one may have been carried out though its "
    "answer says nothing of it, or never came."
)

NO_ERROR = (
    "What was raised at the last try was lost: when no try is left, let it out."
)


def nothing_raised(it):
    return it.error is None or isinstance(it.error, NameError)


class Clock:
    """Stands still but when it is told to sleep, and writes that down.

    Each pause belongs to the number of requests that had come by then.
    """

    def __init__(self, peer):
        self.peer = peer
        self.time = float(NOW)
        self.pauses = {}

    def __repr__(self):
        return "clock"

    def now(self):
        return self.time

    def sleep(self, seconds):
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        count = len(self.peer.requests)
        self.pauses[count] = self.pauses.get(count, 0) + seconds
        self.time += seconds

    def after(self, count):
        """The pause after so many requests."""
        return round(self.pauses.get(count, 0), 3)

    def all(self):
        """The pauses after each request, also after the last."""
        counts = range(1, len(self.peer.requests) + 1)
        return [self.after(count) for count in counts]


def answered(check, status, body, *args):
    """Call it; this must be the answer that comes back."""
    response = check.call(send, *args)
    check.that(
        isinstance(response, Response),
        "a Response (of netbasics.practice)",
        f"a {type(response).__name__}",
    )
    check.equal(response.status, status, "status")
    check.equal(bytes(response.body), body, "body")
    return response


def lost(check, *args):
    """Call it; it must raise what says that no answer came."""
    error = check.raises(Exception, send, *args)
    bugs = type(error).__module__ == "builtins"
    check.that(
        isinstance(error, OSError | EOFError) or not bugs,
        "the exception of the last try, such as a ConnectionError",
        f"it raised {type(error).__name__}: {error}",
    )


def times(check, site, count):
    check.equal(len(site.requests), count, "how many requests the server got")


def test_it_works_at_once(check):
    """The server answers at once, and well."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.put("/users/1?full=1", b"done", headers=[("X-Id", "9")])
    headers = [("Content-Type", "application/json"), ("X-Trace", "7")]
    request = Request("PUT", site.url + "/users/1?full=1", headers, BODY)
    response = answered(check, 200, b"done", request, POLICY, clock)
    fields = {name.lower(): value for name, value in response.headers}
    check.equal(fields.get("x-id"), "9", "header X-Id of the answer")
    times(check, site, 1)
    got = site.requests[0]
    check.equal(got.method, "PUT", "method that the server got")
    check.equal(got.body, BODY, "body that the server got")
    for name, value in headers:
        check.equal(got.header(name), value, f"header {name} that it got")
    check.equal(clock.all(), [0], "seconds that it waited")


@pytest.mark.parametrize("status", [404, 500, 302])
def test_no_use_to_try_again(check, status):
    """The server answers with a status that will be the same next time."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    where = [("Location", "/there")] if status == 302 else []
    site.put("/", b"no\n", status=status, headers=where)
    site.put("/there", b"there")
    check.mistake(
        "A redirect was followed. Your library does so by itself: let it "
        "follow none.",
        lambda it: site.requests[-1].target == "/there",
    )
    check.mistake(
        "No other try can help here: of the failures, only 429, 502, 503 and "
        "504 are likely to pass by themselves.",
        lambda it: len(site.requests) > 1,
    )
    check.mistake(
        "A status is no exception here: the answer is returned.",
        lambda it: str(status) in str(it.error),
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, status, b"no\n", request, POLICY, clock)
    times(check, site, 1)
    check.equal(clock.all(), [0], "seconds that it waited")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_the_second_try_works(check, status):
    """The server fails once in a way that passes, and then works."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.put("/", b"later\n", status=status)
    site.put("/", b"done")
    check.mistake(
        "The pause was waited by a clock of its own. It has to be "
        "`clock.sleep`, so that nobody has to wait for a test.",
        lambda it: it.seconds > 0.09 and not clock.pauses,
    )
    check.mistake(
        "The first pause is twice as long as it should be: it is "
        "`policy.base`, and doubles after that.",
        lambda it: clock.all()[0] == 0.2,
    )
    request = Request("PUT", site.url + "/", [("X-Trace", "7")], BODY)
    answered(check, 200, b"done", request, POLICY, clock)
    times(check, site, 2)
    check.equal(clock.all(), [0.1, 0], "seconds that it waited, by request")
    check.equal(site.requests[1].body, BODY, "body at the second try")
    trace = site.requests[1].header("X-Trace")
    check.equal(trace, "7", "header X-Trace at the second try")


@pytest.mark.parametrize("tries", [5, 1])
def test_it_never_works(check, tries):
    """The server says 503 each time, and counts."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    for number in range(1, 8):
        site.put("/", b"no %d" % number, status=503)
    check.mistake(
        "`tries` counts requests, the first one too; it does not count "
        "repetitions.",
        lambda it: len(site.requests) == tries + 1,
    )
    check.mistake(
        "The answer of the last try is returned like any other, whatever its "
        "status.",
        lambda it: it.error is not None and len(site.requests) == tries,
    )
    check.mistake(
        "Nobody waits for anything after the last try: there is no other one.",
        lambda it: len(site.requests) == tries and clock.after(tries) > 0,
    )
    request = Request("GET", site.url + "/", [], b"")
    policy = Policy(tries, 0.1, 0.3)
    answered(check, 503, b"no %d" % tries, request, policy, clock)
    times(check, site, tries)
    pauses = [0.1, 0.2, 0.3, 0.3, 0] if tries == 5 else [0]
    check.equal(clock.all(), pauses, "seconds that it waited, by request")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("status", [503, 429])
def test_not_repeated(check, method, status):
    """The server refuses an order, and says when to come back."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    later = [("Retry-After", "7")]
    site.put("/orders", b"later\n", status=status, headers=later)
    site.put("/orders", b"made", status=201)
    check.mistake(TWICE, lambda it: len(site.requests) > 1)
    request = Request(method, site.url + "/orders", [], BODY)
    answered(check, status, b"later\n", request, POLICY, clock)
    times(check, site, 1)
    check.equal(clock.all(), [0], "seconds that it waited")


def test_an_order_without_an_answer(check):
    """The server takes an order, and closes before it has answered."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.lose("/orders")
    site.put("/orders", b"made", status=201)
    check.mistake(TWICE, lambda it: len(site.requests) > 1)
    check.mistake(NO_ERROR, nothing_raised)
    lost(check, Request("POST", site.url + "/orders", [], BODY), POLICY, clock)
    times(check, site, 1)
    check.equal(clock.all(), [0], "seconds that it waited")


def test_lost_answers(check):
    """The server closes twice without an answer, and then works."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.lose("/")
    site.lose("/")
    site.put("/", b"done")
    check.mistake(
        "No answer came: that counts as a try, and is worth another one, for "
        "this method may be repeated.",
        lambda it: it.error is not None and len(site.requests) < 3,
    )
    check.mistake(
        "The server got a request again without a pause before it. Some "
        "libraries repeat by themselves what got no answer, aiohttp does: let "
        "it repeat none.",
        lambda it: len(site.requests) > 1 and 0 in clock.all()[:-1],
    )
    request = Request("DELETE", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    times(check, site, 3)
    waited = "seconds that it waited, by request"
    check.equal(clock.all(), [0.1, 0.2, 0], waited)


def test_all_answers_lost(check):
    """The server never answers, but closes each time."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.lose("/")
    check.mistake(NO_ERROR, nothing_raised)
    check.mistake(
        "Nobody waits for anything after the last try: there is no other one.",
        lambda it: len(site.requests) == 3 and clock.after(3) > 0,
    )
    request = Request("GET", site.url + "/", [], b"")
    lost(check, request, Policy(3, 0.1, 0.3), clock)
    times(check, site, 3)
    waited = "seconds that it waited, by request"
    check.equal(clock.all(), [0.1, 0.2, 0], waited)


def test_an_answer_and_then_none(check):
    """The server says 503, and then closes without an answer."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    site.put("/", b"later\n", status=503)
    site.lose("/")
    check.mistake(
        "The answer of a try before is not what came of the last try. That "
        "was an exception.",
        lambda it: it.value.status == 503,
    )
    request = Request("GET", site.url + "/", [], b"")
    lost(check, request, Policy(2, 0.1, 0.3), clock)
    times(check, site, 2)


def test_nobody_there(check):
    """Nobody listens on the port: each connection is refused."""
    peer = check.peer(lab.refused())
    clock = Clock(peer)
    url = f"http://{peer.host}:{peer.port}/"
    lost(check, Request("GET", url, [], b""), Policy(3, 0.1, 0.3), clock)
    check.equal(clock.after(0), 0.3, "seconds that it waited in all")


def test_retry_after_in_seconds(check):
    """The server says 503 three times, twice with seconds to wait."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    for value in ["7200", None, "0"]:
        later = [("Retry-After", value)] if value else []
        site.put("/", b"later\n", status=503, headers=later)
    site.put("/", b"done")
    check.mistake(
        "The server asked for 7200 s, and was asked again too early. "
        "`policy.cap` is for your own pauses, not for what it asks for.",
        lambda it: clock.after(1) == 0.3,
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    waited = "seconds that it waited, by request"
    check.equal(clock.all(), [7200, 0.2, 0, 0], waited)


def test_retry_after_as_a_date(check):
    """The server says 429 and a date; by the given clock it is in 30 s."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    later = [("Retry-After", formatdate(NOW + 30, usegmt=True))]
    site.put("/", b"later\n", status=429, headers=later)
    site.put("/", b"done")
    check.mistake(
        "`Retry-After` has two forms: a number of seconds, and a date.",
        lambda it: isinstance(it.error, ValueError) or clock.after(1) == 0.1,
    )
    check.mistake(
        "The date was compared with the time of this machine, and not by the "
        "clock that was given: `clock.now()`.",
        lambda it: clock.after(1) > 1000,
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    waited = "seconds that it waited, by request"
    check.equal(clock.all(), [30, 0], waited)


def test_retry_after_by_another_spelling(check):
    """The server says 429, and `retry-after: 9`."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    later = [("retry-after", "9")]
    site.put("/", b"later\n", status=429, headers=later)
    site.put("/", b"done")
    check.mistake(
        "The names of headers are the same in any case: this one was "
        "`retry-after`.",
        lambda it: clock.after(1) == 0.1,
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    check.equal(clock.all(), [9, 0], "seconds that it waited, by request")


def test_retry_after_in_the_past(check):
    """The server says 503 and a date that has passed."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    later = [("Retry-After", formatdate(NOW - 30, usegmt=True))]
    site.put("/", b"later\n", status=503, headers=later)
    site.put("/", b"done")
    check.mistake(
        "A date that has passed asks for no pause; a negative one is an error.",
        lambda it: isinstance(it.error, ValueError),
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    check.equal(clock.all(), [0, 0], "seconds that it waited, by request")


@pytest.mark.parametrize("value", ["soon", "-5"])
def test_retry_after_that_means_nothing(check, value):
    """The server says 503 and a Retry-After that is neither form."""
    site = check.peer(lab.origin())
    clock = Clock(site)
    later = [("Retry-After", value)]
    site.put("/", b"later\n", status=503, headers=later)
    site.put("/", b"done")
    check.mistake(
        "Ignore a `Retry-After` that cannot be read, as if it were not there.",
        lambda it: it.error is not None,
    )
    request = Request("GET", site.url + "/", [], b"")
    answered(check, 200, b"done", request, POLICY, clock)
    check.equal(clock.all(), [0.1, 0], "seconds that it waited, by request")
