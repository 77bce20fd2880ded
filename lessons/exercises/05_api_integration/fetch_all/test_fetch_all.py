"""Checks fetch_all."""

import asyncio

import pytest
from fetch_all import fetch_all

from netbasics import lab
from netbasics.lab.messages import answer

LIMIT = 4
CROWD = [b"body %02d" % number for number in range(12)]
BODIES = [b"", b"\xff\x00", b"text", b"x" * 70_000]
LOST = (
    "A failure was raised, and all the other results were lost with it. Catch "
    "it where it happens, and return it in its place."
)


@pytest.fixture
def site(check):
    """A site without pages yet."""
    return check.peer(lab.origin())


def name_disorder(check, expected):
    """Name the mistake of who returns the right results in another order."""
    check.mistake(
        "The results are in the order in which they came. They belong into the "
        "order of the URLs: `gather` keeps it.",
        lambda it: (
            it.value != expected and sorted(it.value) == sorted(expected)
        ),
    )


def compare(check, got, expected):
    """Compare results; a type stands for any exception of that type."""
    wanted = [e.__name__ if isinstance(e, type) else e for e in expected]
    text = f"{len(expected)} results: {shown(wanted)}"
    check.that(isinstance(got, list), text, f"it returned {got!r:.100}")
    right = len(got) == len(expected) and all(map(fits, got, expected))
    check.that(right, text, f"{len(got)} results: {shown(got)}")


def fits(got, expected):
    if isinstance(expected, type):
        return isinstance(got, expected)
    return isinstance(got, bytes) and got == expected


def shown(results):
    """Return results as text, each of them short."""
    return ", ".join(
        value if isinstance(value, str) else f"{value!r:.50}"
        for value in results
    )


def test_bodies(check, site):
    """The server answers four requests with bodies of different kinds."""
    name_disorder(check, BODIES)
    for number, body in enumerate(BODIES):
        site.put(f"/{number}", body)
    urls = [f"{site.url}/{number}" for number in range(len(BODIES))]
    check.mistake(
        "The bodies are texts. What came are bytes, and they need not be text.",
        lambda it: any(isinstance(body, str) for body in it.value),
    )
    compare(check, check.call(fetch_all, urls, 2), BODIES)


def test_no_urls(check):
    """There is nothing to fetch."""
    check.returns([], fetch_all, [], 3)


def test_one_at_a_time(check, site):
    """The limit is 1, and one URL is there twice."""
    for number in (1, 2):
        site.put(f"/{number}", b"%d" % number)
    urls = [f"{site.url}/{number}" for number in (1, 2, 1)]
    check.mistake(
        "One of the URLs is there twice, and there are fewer results than "
        "URLs: a dict has one entry for each key.",
        lambda it: len(it.value) < 3,
    )
    name_disorder(check, [b"1", b"2", b"1"])
    compare(check, check.call(fetch_all, urls, 1), [b"1", b"2", b"1"])


def test_the_limit(check):
    """Two servers answer when four requests are there, the last one first;
    headers and half of the body come at once, the rest later."""
    crowd = lab.Crowd(LIMIT, 12, patience=3)
    contents = {f"/{n:02}": body for n, body in enumerate(CROWD)}
    peers = [check.peer(lab.crowded(crowd, contents)) for _ in range(2)]
    urls = [f"{peers[n % 2].url}/{n:02}" for n in range(12)]
    name_limits(check, crowd)
    beats = []
    results = check.call(beside(beats), urls, LIMIT)
    check.note(
        f"At most {crowd.asked} requests were under way until the first "
        f"headers were sent, and {crowd.peak} in all."
    )
    check.equal(crowd.peak, LIMIT, "the most requests under way at once")
    check.mistake(
        "While it waited, nothing else in the event loop could run: it waits "
        "without `await`, as `future.result()` and `thread.join()` do.",
        lambda it: len(beats) < 2,
    )
    check.that(
        len(beats) >= 2,
        "that another task of the loop, which sleeps for 0.01 s again and "
        "again, runs meanwhile",
        f"it ran {len(beats)} times",
    )
    compare(check, results, CROWD)


def beside(beats):
    """Return a fetch_all beside which another task runs."""

    async def beat():
        while True:
            beats.append(1)
            await asyncio.sleep(0.01)

    async def both(urls, limit):
        task = asyncio.create_task(beat())
        try:
            return await fetch_all(urls, limit)
        finally:
            task.cancel()

    both.__name__ = "fetch_all"
    return both


def name_limits(check, crowd):
    check.mistake(
        "There was only one request at a time. Either each is awaited before "
        "the next one starts, or something blocks the event loop: a call "
        "without `await`, such as `requests.get`, lets nothing else run.",
        lambda it: crowd.peak == 1,
    )
    check.mistake(
        "Nothing kept to the limit: all requests were sent at once.",
        lambda it: crowd.asked > LIMIT and crowd.asked != 2 * LIMIT,
    )
    check.mistake(
        "The limit was kept for each host, and there are two. It is for all of "
        "them together.",
        lambda it: crowd.asked == 2 * LIMIT,
    )
    check.mistake(
        "The next request was sent when headers had come, and the body before "
        "was still on its way. A request is under way until its body has been "
        "read: read it inside of the semaphore.",
        lambda it: crowd.asked == LIMIT < crowd.peak,
    )
    name_disorder(check, CROWD)


def test_failures(check, site):
    """Of seven URLs five fail: 404, 500 and 400 with a body, nobody listens,
    and a body that is cut. The limit is 2."""
    gone = check.peer(lab.refused())
    cut = check.peer(lab.paced([answer(b"half of it")[:-5]], 0))
    site.put("/good", b"good")
    for status in (404, 500, 400):
        site.put(f"/{status}", b"an error page", status=status)
    check.mistake(LOST, lambda it: it.error is not None)
    check.mistake(
        "The body of an error was returned as if it were what was asked for. "
        "From 400 on, a status says that it is not.",
        lambda it: any(fits(body, b"an error page") for body in it.value),
    )
    check.mistake(
        "Half of a body was returned as if it were all of it.",
        lambda it: fits(it.value[5], b"half "),
    )
    check.mistake(
        "A failure is None, so nobody knows what it was. Return the exception.",
        lambda it: None in it.value,
    )
    check.mistake(
        "A failure is missing from the results, and the others moved up. The "
        "caller matches them with the URLs by their places.",
        lambda it: len(it.value) < 7,
    )
    check.mistake(
        "It waits for ever: failures took places and did not give them back. "
        "`async with` gives them back in any case.",
        lambda it: it.hung,
    )
    urls = [f"{site.url}/{name}" for name in ("404", "good", "500", "400")]
    urls += [f"{gone.url}/", f"{cut.url}/", urls[1]]
    fails = Exception
    expected = [fails, b"good", fails, fails, fails, fails, b"good"]
    compare(check, check.call(fetch_all, urls, 2), expected)


def test_time(check):
    """The limit is 2. The first two servers are silent and drip for ever; the
    other two answer well, half a second after they are asked."""
    silent = check.peer(lab.silent())
    drips = check.peer(lab.dripping(0.2))
    slow = check.peer(lab.slow(0.5, content=b"good"))
    check.mistake(LOST, lambda it: isinstance(it.error, TimeoutError))
    check.mistake(
        "It still waits. Is there a timeout at all? One for each read does not "
        "end what comes byte by byte: the 5 s are for all of a URL.",
        lambda it: it.hung,
    )
    check.mistake(
        "The last two URLs had to wait for their turn, and that was taken from "
        "their time. The 5 s begin when the turn has come. (With aiohttp, "
        "waiting for the pool counts as part of `total`.)",
        lambda it: [type(one) for one in it.value[2:]] != [bytes, bytes],
    )
    check.mistake(
        "Being late is a TimeoutError, the builtin one.",
        lambda it: not isinstance(it.value[0], TimeoutError),
    )
    urls = [peer.url for peer in (silent, drips, slow, slow)]
    with check.within(7, "that all of it is done"):
        results = check.call(fetch_all, urls, 2)
    late = TimeoutError
    compare(check, results, [late, late, b"good", b"good"])
