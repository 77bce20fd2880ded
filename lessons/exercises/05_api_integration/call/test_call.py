"""Checks call."""

import time
from email.utils import formatdate

import pytest
from call import call

from netbasics import lab
from netbasics.lab.messages import answer, head
from netbasics.practice import Result
from netbasics.practice.check import Running
from netbasics.practice.findings import short

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"
RAISED = {"HTTPError", "ClientResponseError", "HTTPStatusError"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    """Be on a machine whose local time is not that of Greenwich."""
    monkeypatch.setenv("TZ", "EST5")
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def ask(check):
    """Call the function for one answer of a peer, and compare the result."""

    def ask(raw, status, data, *, error, method="GET", after=None):
        peer = check.peer(lab.paced([raw], 0))
        name_mistakes(check, peer, status, data)
        base = f"{peer.url}/api/v1"
        got = check.call(call, base, method, "/users/7?full=1")
        compare(check, got, status, data, error, after)
        asked = [f"{one.method} {one.target}" for one in peer.requests]
        wanted = f"{method} /api/v1/users/7?full=1"
        check.equal(asked, [wanted], "the requests that the server got")

    return ask


def name_mistakes(check, peer, status, data):
    check.mistake(
        "The URL is `base + path`. `urljoin` follows other rules: a path with "
        "a slash in front replaces the whole path of the base.",
        lambda it: not peer.requests[0].target.startswith("/api/"),
    )
    check.mistake(
        f"The status {status} was raised as an error. Here it is a result: "
        "what the API says about it is in the body, and the caller wants it.",
        lambda it: type(it.error).__name__ in RAISED,
    )
    check.mistake(
        "The request was sent more than once. Whether to try again is the "
        "caller's decision; that is what `retry_after` is for.",
        lambda it: len(peer.requests) > 1,
    )
    check.mistake(
        "The body was decoded as if it had to be JSON. What is between you and "
        "an API answers in HTML, and a 204 has no body at all.",
        lambda it: type(it.error).__name__ == "JSONDecodeError",
    )
    check.mistake(
        "The body of an error was thrown away. It is JSON as well, and says "
        "what was wrong.",
        lambda it: status >= 400 and data is not None and it.value.data is None,
    )
    check.mistake(
        f"The status is {status}, and `error` is None: who looks only at "
        "`error` takes that for a success.",
        lambda it: status >= 400 and it.value.error is None,
    )


def compare(check, got, status, data, error, after):
    """Compare a Result; `after` is None, or two bounds in seconds."""
    wait = "None" if after is None else "from {} to {}".format(*after)
    wanted = (
        f"Result(status={status}, data={short(data)}, "
        f"error={'<a text>' if error else None}, retry_after={wait})"
    )
    check.that(isinstance(got, Result), wanted, f"it returned {short(got)}")
    text = isinstance(got.error, str) and got.error != ""
    right = (
        got.status == status
        and type(got.data) is type(data)
        and got.data == data
        and (text if error else got.error is None)
        and is_wait(got.retry_after, after)
    )
    check.that(right, wanted, short(got, 400))


def is_wait(value, after):
    if after is None or value is None:
        return value is after
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and after[0] <= value <= after[1]


def test_a_success(ask):
    """The API answers 200 with a JSON object."""
    raw = answer('{"id": 7, "name": "Zoë"}'.encode())
    ask(raw, 200, {"id": 7, "name": "Zoë"}, error=False)


def test_an_empty_list(check, ask):
    """The API answers 200 with an empty list."""
    check.mistake(
        "An empty list is JSON, and a success. `if data` takes it for nothing.",
        lambda it: it.value.data is None or it.value.error,
    )
    ask(answer(b"[]"), 200, [], error=False, method="POST")


def test_no_content(check, ask):
    """The API answers 204: done, and there is nothing to say."""
    check.mistake(
        "A 204 has no body, and that is no error: there is nothing to decode.",
        lambda it: it.value.error or isinstance(it.error, ValueError),
    )
    raw = head(204, [("Connection", "close")])
    ask(raw, 204, None, error=False, method="DELETE")


PROBLEM = b'{"title": "there is no user 7"}'


def test_an_error_in_json(ask):
    """The API answers 404, and JSON says why."""
    title = {"title": "there is no user 7"}
    ask(answer(PROBLEM, status=404), 404, title, error=True)


def test_another_media_type(check, ask):
    """The API answers 404, and JSON of its own media type says why."""
    check.mistake(
        "The data were not looked at, because Content-Type is not exactly "
        "`application/json`. There are others, such as "
        "`application/problem+json`, and they are labelled badly, too.",
        lambda it: it.value.data is None,
    )
    kind = "application/problem+json; charset=utf-8"
    title = {"title": "there is no user 7"}
    ask(answer(PROBLEM, status=404, kind=kind), 404, title, error=True)


def test_an_error_in_html(ask):
    """A proxy in between answers 502, with a page of HTML."""
    ask(answer(HTML, status=502, kind="text/html"), 502, None, error=True)


def test_a_page_of_html(check, ask):
    """The answer is 200, and a page of HTML: somebody wants a login."""
    check.mistake(
        "The status is 200, but the body is no JSON: that is an error, too.",
        lambda it: it.value.error is None,
    )
    ask(answer(HTML, kind="text/html"), 200, None, error=True)


def test_json_without_an_end(ask):
    """The answer is 200 and complete, but its JSON stops in the middle."""
    ask(answer(b'{"id": 7, "name": "Zo'), 200, None, error=True)


def test_not_utf_8(check, ask):
    """The JSON has a byte in it that is not UTF-8."""
    check.mistake(
        "The byte was replaced, and the name in it is no longer a name. Text "
        "that is not UTF-8 is bad JSON.",
        lambda it: it.value.error is None,
    )
    check.mistake(
        "A wrong byte is a UnicodeDecodeError and not a JSONDecodeError. Both "
        "are ValueErrors.",
        lambda it: isinstance(it.error, UnicodeDecodeError),
    )
    ask(answer('{"name": "Zoë"}'.encode("latin-1")), 200, None, error=True)


def test_a_connection_that_ends(check, ask):
    """The body is the number 1200; the connection ends after two digits."""
    check.mistake(
        "Two of four bytes were taken for the whole body: 12 instead of 1200. "
        "Content-Length says how many there must be.",
        lambda it: it.value.data == 12,
    )
    check.mistake(
        "There was an answer, with a status, and its body was cut. That is a "
        "result with an error; `IncompleteRead`, or what your library calls "
        "it, is to be caught.",
        lambda it: it.error is not None,
    )
    ask(answer(b"1200")[:-2], 200, None, error=True)


def busy(value, status=429):
    later = b'{"error": "come back later"}'
    return answer(later, status=status, headers=[("retry-after", value)])


LATER = {"error": "come back later"}


@pytest.mark.parametrize("count", [120, 0])
def test_seconds(ask, count):
    """The API answers 429, and Retry-After is a number of seconds."""
    ask(busy(str(count)), 429, LATER, error=True, after=(count, count))


def test_a_date(check, ask):
    """The API answers 503, and Retry-After is the time in two minutes."""
    check.mistake(
        "Retry-After is a date here, and not a number: it has two forms.",
        lambda it: (
            isinstance(it.error, ValueError) or it.value.retry_after is None
        ),
    )
    check.mistake(
        "The date is in GMT, and it was compared with the local time, which "
        "is five hours behind on this machine. Compare seconds since 1970, or "
        "datetimes with a time zone.",
        lambda it: abs(it.value.retry_after - 120) > 3600,
    )
    raw = busy(formatdate(time.time() + 120, usegmt=True), 503)
    ask(raw, 503, LATER, error=True, after=(110, 121))


def test_a_date_that_is_over(check, ask):
    """The API answers 503, and Retry-After is a time two minutes ago."""
    check.mistake(
        "The time is over, so there is nothing to wait: that is 0. "
        "`time.sleep` raises an error for negative seconds.",
        lambda it: it.value.retry_after < 0,
    )
    raw = busy(formatdate(time.time() - 120, usegmt=True), 503)
    ask(raw, 503, LATER, error=True, after=(0, 0))


@pytest.mark.parametrize("value", ["soon", "-3", "nan"])
def test_nonsense(check, ask, value):
    """The API answers 429, and Retry-After is neither digits nor a date."""
    check.mistake(
        f"Retry-After is {value!r}, which is neither digits nor a date: None.",
        lambda it: it.error or it.value.retry_after is not None,
    )
    ask(busy(value), 429, LATER, error=True)


def test_no_connection(check):
    """Nobody listens on the port."""
    peer = check.peer(lab.refused())
    check.mistake(
        "There was no answer, so there is no status: that is no Result.",
        lambda it: it.error is None,
    )
    check.raises(OSError, call, peer.url, "GET", "/")


def test_time(check):
    """Four servers at once: one is silent, one drips its headers byte by byte,
    one its body, and one answers well, after 2.5 s."""
    silent = check.peer(lab.silent())
    heads = check.peer(lab.dripping(0.2, headers=True, body=False))
    bodies = check.peer(lab.dripping(0.2))
    slow = check.peer(lab.slow(2.5))
    began = time.monotonic()
    running = {
        name: Running(call, peer.url, "GET", "/")
        for name, peer in [
            ("the slow server", slow),
            ("the silent server", silent),
            ("the server that drips its headers", heads),
            ("the server that drips its body", bodies),
        ]
    }
    late = []
    check.mistake(
        "A timeout of 5 s for each read holds for as many times 5 s as there "
        "are bytes. The whole call has 5 s: work out what is left, or let "
        "somebody else end it.",
        lambda it: late and "drips" in late[0],
    )
    check.mistake(
        "Without a timeout, a server that says nothing is waited for for ever.",
        lambda it: late,
    )
    check.mistake(
        "It raised an error for being late, but not the builtin TimeoutError: "
        "each library has its own. Catch that one, raise this one.",
        lambda it: "imeout" in type(wrong[0]).__name__,
    )
    wrong = []
    # aiohttp rounds a time of 5 s up to a whole second of its clock.
    end = began + 6.5 + min(1.5, 10 * lag(began + 4.8))
    for name, thread in running.items():
        check.called = f"call({name!r}, 'GET', '/')"
        if not thread.join(max(0.0, end - time.monotonic())):
            late.append(name)
            check.fail("TimeoutError within 5 s", "it was still waiting")
        if name == "the slow server":
            judge_slow(check, thread)
        elif not isinstance(thread.error, TimeoutError):
            wrong.append(thread.error)
            got = f"it raised {thread.error!r}, returned {thread.value!r}"
            check.fail("that it raises TimeoutError", got)


def lag(until):
    """Return by how much this machine is late when it is busy, in seconds.

    Four calls that start and end together feel that more than one does.
    """
    worst = 0.0
    while time.monotonic() < until:
        began, cpu = time.monotonic(), time.thread_time()
        while time.thread_time() - cpu < 0.005:
            pass
        worst = max(worst, time.monotonic() - began - 0.005)
        time.sleep(0.2)
    return worst


def judge_slow(check, thread):
    """The slow server's answer came in time."""
    got = short(thread.error or thread.value)
    right = isinstance(thread.value, Result) and thread.value.status == 200
    check.that(right, "a Result, for the answer came in time", got)
