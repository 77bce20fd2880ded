"""fetch_all and fetch_each: order, bounds, failures in their places."""

import asyncio
import contextlib
import gc
import gzip
import itertools
import logging
import pickle
import socket
import subprocess
import sys
import threading
import time
import traceback
import tracemalloc
import zlib

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from netbasics import aio, certs, lab, servers, urls
from netbasics.errors import (
    APIError,
    ConnectionClosed,
    DeadlineExceeded,
    InvalidURL,
    LimitExceeded,
    NetbasicsError,
    ProtocolError,
)
from netbasics.limits import RateLimiter, RateLimitTimeout
from netbasics.retries import RetryPolicy, no_jitter

pytestmark = pytest.mark.anyio
QUICK = RetryPolicy(tries=3, base=0.01, jitter=no_jitter)


class Site:
    """A server whose answers the test decides, and what it has seen."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.now = 0
        self.peak = 0
        self.cancelled = 0
        app = web.Application()
        app.router.add_get("/{name:.*}", self.handle)
        self.server = TestServer(app, handler_cancellation=True)

    async def handle(self, request):
        self.requests.append(request)
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            return await self.answer(request)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.now -= 1

    def url(self, path="/"):
        return f"{self.root}{path}"

    def __str__(self):
        return self.root

    @property
    def paths(self):
        return [request.path for request in self.requests]

    async def __aenter__(self):
        await self.server.start_server()
        self.port = self.server.port
        self.root = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *failure):
        await self.server.close()


async def say_path(request):
    return web.Response(text=request.path)


async def say_path_some_time(request):
    """Answer in an order that has nothing to do with that of the requests."""
    await asyncio.sleep((hash(request.path) % 7) / 200)
    return web.Response(text=request.path)


async def never(request):
    await asyncio.sleep(3600)


def raw(reply):
    """A server that answers every request with these bytes, and closes."""

    def handler(sock, peer):
        data = b""
        while b"\r\n\r\n" not in data:
            data += sock.recv(4096)
        sock.sendall(reply)

    return servers.TCPServer(handler)


def http_url(server):
    return f"http://127.0.0.1:{server.port}/"


async def only(outcomes):
    (outcome,) = await outcomes
    return outcome


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


# Order and bounds


async def test_results_come_in_the_order_asked():
    async with Site(say_path_some_time) as site:
        asked = [f"{site}/{number}" for number in range(60)]
        results = await aio.fetch_all(asked)
    assert [result.url for result in results] == asked
    assert [result.text for result in results] == [f"/{n}" for n in range(60)]


async def test_never_more_than_the_limit_in_flight_and_no_fewer():
    async with Site(say_path_some_time) as site:
        await aio.fetch_all([f"{site}/{n}" for n in range(50)], limit=7)
        assert site.peak == 7


async def test_a_request_counts_until_its_body_is_read():
    """Heads come at once, bodies later: the bound holds for both."""

    async def slow_body(request):
        response = web.StreamResponse()
        response.content_length = 2
        await response.prepare(request)
        await response.write(b"a")
        await asyncio.sleep(0.02)
        await response.write(b"b")
        return response

    async with Site(slow_body) as site:
        results = await aio.fetch_all([str(site)] * 12, limit=3)
        assert site.peak == 3
    assert {result.body for result in results} == {b"ab"}


async def test_one_slow_url_does_not_hold_back_the_others():
    opened = asyncio.Event()

    async def answer(request):
        if request.path == "/0":
            await opened.wait()
        return await say_path(request)

    async with Site(answer) as site:
        asked = [f"{site}/{n}" for n in range(100)]
        task = asyncio.create_task(aio.fetch_all(asked, limit=2))
        await until(lambda: len(site.requests) == 100)
        opened.set()
        assert [r.text for r in await task] == [f"/{n}" for n in range(100)]


async def test_one_connection_serves_many_requests():
    ports = set()

    async def answer(request):
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response()

    async with Site(answer) as site:
        await aio.fetch_all([str(site)] * 30, limit=3)
    assert len(ports) <= 3


async def test_any_iterable_of_anything_that_is_a_url():
    async def later(items):
        for item in items:
            await asyncio.sleep(0)
            yield item

    async with Site(say_path) as site:
        asked = [urls.parse(f"{site}/a"), f"{site}/b"]
        for source in (asked, tuple(asked), iter(asked), later(asked)):
            results = await aio.fetch_all(source)
            assert [result.text for result in results] == ["/a", "/b"]
    assert await aio.fetch_all([]) == []


async def test_a_generator_that_fails_fails_the_call():
    def broken(site):
        yield f"{site}/1"
        raise ZeroDivisionError

    async with Site(say_path) as site:
        with pytest.raises(ZeroDivisionError):
            await aio.fetch_all(broken(site))
        results = aio.fetch_each(broken(site))
        assert (await anext(results)).text == "/1"
        with pytest.raises(ZeroDivisionError):
            await anext(results)


@pytest.mark.parametrize("limit", [1, 5])
async def test_a_generator_in_which_something_is_cancelled_ends_the_call(limit):
    async def broken(site):
        yield f"{site}/1"
        raise asyncio.CancelledError  # a task that it awaits was cancelled

    async with Site(say_path) as site, asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await aio.fetch_all(broken(site), limit=limit)
        results = aio.fetch_each(broken(site), limit=limit)
        assert (await anext(results)).text == "/1"
        with pytest.raises(asyncio.CancelledError):
            await anext(results)


@pytest.mark.parametrize("single", ["http://h/", urls.parse("http://h/"), b"x"])
async def test_a_single_url_is_no_list_of_urls(single):
    with pytest.raises(TypeError, match="put it into a list"):
        await aio.fetch_all(single)
    with pytest.raises(TypeError, match="put it into a list"):
        aio.fetch_each(single)


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"limit": 1.5},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"deadline": -1},
        {"max_bytes": -1},
    ],
    ids=str,
)
async def test_impossible_options_are_refused_before_anything_starts(options):
    with pytest.raises(ValueError, match=r"give"):
        aio.fetch_each(["http://127.0.0.1/"], **options)


# Failures


async def test_each_failure_is_in_its_own_place():
    async def answer(request):
        if request.path == "/404":
            return web.json_response({"detail": "no such page"}, status=404)
        return await say_path(request)

    with lab.refused() as refused, lab.cut_off() as cut, lab.silent() as silent:
        async with Site(answer) as site:
            outcomes = await aio.fetch_all(
                [
                    f"{site}/a",
                    refused.url,
                    f"{site}/404",
                    cut.url,
                    "http://exa mple.org/",
                    silent.url,
                    f"{site}/b",
                ],
                timeout=1.0,
            )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [
        aio.Result,
        aio.NotConnected,
        APIError,
        ConnectionClosed,
        InvalidURL,
        DeadlineExceeded,
        aio.Result,
    ]
    assert isinstance(outcomes[1], ConnectionError)
    assert isinstance(outcomes[1].__cause__, ConnectionRefusedError)
    assert isinstance(outcomes[5], TimeoutError)
    assert outcomes[5].seconds == 1.0
    assert all(outcome.__traceback__ is None for outcome in outcomes[1:6])


async def test_a_status_says_why():
    async def answer(request):
        return web.json_response(
            {"error": {"message": "slow down"}},
            status=429,
            headers={"Retry-After": "7"},
        )

    async with Site(answer) as site:
        error = await only(aio.fetch_all([site.url("/x?token=abc")]))
    assert error.status == 429
    assert error.retry_after == 7.0
    assert str(error).endswith(
        "/x?token=***: 429 Too Many Requests: slow down (come back in 7 s)"
    )
    assert error.url.endswith("/x?token=***")
    assert "slow down" in error.body


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (b"", ConnectionClosed, "after 0 bytes of the response"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", ConnectionClosed, "after 0 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            ConnectionClosed,
            "after 3 of 10 bytes of the body",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            ConnectionClosed,
            "after 3 bytes of the body",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 15\r\n\r\n" + gzip.compress(b"a" * 99)[:15],
            ConnectionClosed,
            "whose gzip is cut",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain text",
            ProtocolError,
            "not gzip",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nplain text",
            ProtocolError,
            "'br'",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", ProtocolError, "not proper HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            ProtocolError,
            "Content-Length",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://a b/\r\n"
            b"Content-Length: 0\r\n\r\n",
            ProtocolError,
            "redirected to no URL",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
            LimitExceeded,
            "has 1001 bytes, the limit is 1000",
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
            LimitExceeded,
            "longer than the limit of 1000 bytes",
        ),
    ],
)
async def test_what_is_not_a_whole_response(reply, kind, words):
    with raw(reply) as server:
        error = await only(aio.fetch_all([http_url(server)], max_bytes=1000))
    assert type(error) is kind
    assert words in str(error)


async def test_a_status_is_known_even_if_the_rest_is_broken():
    bodies = (
        b"Content-Length: 99\r\n\r\nshort",
        b"Content-Encoding: br\r\n\r\nwhat",
        b"Content-Encoding: gzip\r\n\r\nwhat",
        b"Content-Length: 10000000\r\n\r\n" + b"x" * 200_000,
    )
    for body in bodies:
        with raw(b"HTTP/1.1 502 Bad Gateway\r\n" + body) as server:
            error = await only(aio.fetch_all([http_url(server)], max_bytes=9))
        assert (type(error), error.status) == (APIError, 502)


@pytest.mark.parametrize("host", ["unknown.invalid", "localhost:1"])
async def test_no_connection_is_a_connection_error(host):
    error = await only(aio.fetch_all([f"http://{host}/?key=1"]))
    assert type(error) is aio.NotConnected
    assert error.status is None
    assert "key=***" in str(error)


def secrets_in(outcome, caplog):
    lines = traceback.format_exception(outcome)
    chain = [repr(outcome), str(outcome), *lines, caplog.text]
    cause = outcome
    while cause is not None:
        chain += [repr(cause), repr(cause.args), repr(vars(cause))]
        cause = cause.__cause__ or cause.__context__
    return "hunter2" in "".join(chain)


async def test_no_error_shows_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    secret = "hunter2"
    loop = (
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
        b"Location: /?api_key=hunter2\r\n\r\n"
    )
    replies = [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: hunter2\r\nContent-Le",
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://x:hunter2 @h/\r\n\r\n",
        loop,
    ]
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(raw(reply)).port for reply in replies]
        ports.append(stack.enter_context(lab.refused()).address[1])
        ports.append(stack.enter_context(lab.silent()).address[1])
        asked = [
            f"http://ann:{secret}@127.0.0.1:{port}/?token={secret}"
            for port in ports
        ]
        asked.append(f"http://ann:{secret}@unknown.invalid/?token={secret}")
        asked.append(f"http://ann:{secret}@exa mple/?token={secret}")
        outcomes = await aio.fetch_all(
            asked, headers={"X-API-Key": secret}, timeout=0.5
        )
    for outcome in outcomes:
        assert isinstance(outcome, NetbasicsError)
        assert not secrets_in(outcome, caplog), repr(outcome)


async def test_failures_can_be_pickled():
    with lab.refused() as peer:
        error = await only(aio.fetch_all([peer.url]))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


# Bodies


@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate", "raw"])
async def test_a_compressed_body_is_decompressed(coding):
    text = b"again and " * 5000
    wrapped = {
        "identity": text,
        "gzip": gzip.compress(text[:9]) + gzip.compress(text[9:]),
        "deflate": zlib.compress(text),
        "raw": zlib.compress(text)[2:-4],
    }[coding]

    async def answer(request):
        assert request.headers["Accept-Encoding"] == "gzip, deflate"
        name = "deflate" if coding == "raw" else coding
        return web.Response(body=wrapped, headers={"Content-Encoding": name})

    async with Site(answer) as site:
        result = await only(aio.fetch_all([str(site)]))
    assert result.body == text


async def test_the_limit_holds_while_decompressing():
    bomb = gzip.compress(bytes(200_000_000), 9)  # 0.2 MB of gzip

    async def answer(request):
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with Site(answer) as site:
        tracemalloc.start()
        error = await only(aio.fetch_all([str(site)], max_bytes=1_000_000))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert type(error) is LimitExceeded
    assert error.limit == 1_000_000
    assert peak < 10_000_000


async def test_a_body_of_exactly_the_limit_is_fine():
    async def answer(request):
        return web.Response(
            body=gzip.compress(bytes(5000)),
            headers={"Content-Encoding": "gzip"},
        )

    async with Site(answer) as site:
        whole = await only(aio.fetch_all([str(site)], max_bytes=5000))
        error = await only(aio.fetch_all([str(site)], max_bytes=4999))
    assert whole.body == bytes(5000)
    assert type(error) is LimitExceeded


async def test_204_has_no_body():
    async def answer(request):
        return web.Response(status=204)

    async with Site(answer) as site:
        result = await only(aio.fetch_all([str(site)]))
    assert (result.status, result.body, result.text) == (204, b"", "")


# Time


@pytest.mark.parametrize("part", ["headers", "body"])
async def test_a_dripping_server_is_cut_off_in_time(part):
    with lab.dripping(
        0.05, headers=part == "headers", body=part == "body"
    ) as peer:
        start = time.monotonic()
        error = await only(aio.fetch_all([peer.url], timeout=0.3))
    assert type(error) is DeadlineExceeded
    assert 0.3 <= time.monotonic() - start < 0.8


async def test_after_the_deadline_what_is_done_is_kept():
    async def answer(request):
        if int(request.path[1:]) % 5 == 3:
            await never(request)
        return await say_path(request)

    async with Site(answer) as site:
        asked = [f"{site}/{n}" for n in range(20)]
        start = time.monotonic()
        outcomes = await aio.fetch_all(asked, limit=5, deadline=1.0)
        assert time.monotonic() - start < 1.5
    late = [n for n, o in enumerate(outcomes) if isinstance(o, Exception)]
    assert late == [3, 8, 13, 18]
    assert {type(outcomes[n]) for n in late} == {DeadlineExceeded}
    assert outcomes[3].seconds == 1.0


async def test_urls_that_were_never_asked_fail_with_the_deadline_too():
    async with Site(never) as site:
        outcomes = await aio.fetch_all(
            [f"{site}/{n}" for n in range(50)], limit=2, deadline=0.2
        )
        assert len(site.requests) == 2
    assert [type(outcome) for outcome in outcomes] == [DeadlineExceeded] * 50


async def test_a_source_that_stalls_is_under_the_deadline():
    async def stalls(site):
        yield f"{site}/1"
        await asyncio.sleep(3600)

    async with Site(say_path) as site:
        with pytest.raises(DeadlineExceeded, match="the next URL"):
            await aio.fetch_all(stalls(site), deadline=0.2)
        outcomes = aio.fetch_each(stalls(site), deadline=1.0)
        assert (await anext(outcomes)).text == "/1"
        with pytest.raises(DeadlineExceeded, match="the next URL"):
            await anext(outcomes)


async def test_an_endless_source_ends_with_the_deadline():
    async def collect(source, seen):
        async for outcome in aio.fetch_each(source, deadline=0.3):
            seen.append(outcome)

    async with Site(say_path_some_time) as site:
        endless = (f"{site}/{n}" for n in itertools.count())
        seen = []
        with pytest.raises(DeadlineExceeded):
            await collect(endless, seen)
    assert isinstance(seen[0], aio.Result)
    assert {type(o) for o in seen} <= {aio.Result, DeadlineExceeded}


# Retries, limits of rate, redirects


async def test_a_retry_helps_where_it_may():
    counts = {}

    async def answer(request):
        counts[request.path] = count = counts.get(request.path, 0) + 1
        if request.path == "/404":
            return web.Response(status=404)
        return web.Response(status=503 if count <= 2 else 200)

    async with Site(answer) as site:
        outcomes = await aio.fetch_all(
            [f"{site}/503", f"{site}/404"], retries=QUICK
        )
        assert outcomes[0].status == 200
        assert outcomes[1].status == 404
        assert counts == {"/503": 3, "/404": 1}
        counts.clear()
        error = await only(aio.fetch_all([f"{site}/503"], retries=1))
        assert (error.status, counts) == (503, {"/503": 2})
        error = await only(aio.fetch_all([f"{site}/503"]))
        assert isinstance(error, aio.Result)  # the third one


async def test_connections_that_break_are_tried_again():
    with lab.flapping(2, failure="reset") as peer:
        result = await only(aio.fetch_all([peer.url], retries=QUICK))
    assert result.status == 200
    assert peer.attempts == 3


async def test_retry_after_is_obeyed_unless_the_deadline_comes_first():
    times = []

    async def answer(request):
        times.append(time.monotonic())
        if len(times) == 1:
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response()

    async with Site(answer) as site:
        result = await only(aio.fetch_all([str(site)], retries=QUICK))
        assert result.status == 200
        assert times[1] - times[0] >= 0.95
        times.clear()
        start = time.monotonic()
        error = await only(
            aio.fetch_all([str(site)], retries=QUICK, deadline=0.9)
        )
        assert time.monotonic() - start < 0.9
        assert error.status == 503


async def test_what_cannot_help_is_not_tried_again():
    attempts = []
    with lab.untrusted_certificate() as peer, lab.silent() as silent:
        policy = RetryPolicy(tries=3, base=0, jitter=attempts.append)
        outcomes = await aio.fetch_all(
            [peer.url, "http://unknown.invalid/", silent.url],
            retries=policy,
            timeout=0.3,
        )
    assert [type(outcome) for outcome in outcomes] == [
        aio.NotConnected,
        aio.NotConnected,
        DeadlineExceeded,
    ]
    assert attempts == []


async def test_every_request_takes_a_turn_of_the_limiter():
    times = []

    async def answer(request):
        times.append(time.monotonic())
        return web.Response(status=503 if len(times) == 1 else 200)

    async with Site(answer) as site:
        limiter = RateLimiter(50)
        await aio.fetch_all([str(site)] * 9, retries=QUICK, limiter=limiter)
    assert len(times) == 10
    assert times[-1] - times[0] >= 9 / 50 - 0.05


async def test_a_turn_that_comes_after_the_deadline_fails_at_once():
    limiter = RateLimiter(0.1)
    async with Site(say_path) as site:
        start = time.monotonic()
        outcomes = await aio.fetch_all(
            [str(site)] * 3, limiter=limiter, deadline=5.0
        )
        assert time.monotonic() - start < 5.0
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [aio.Result, RateLimitTimeout, RateLimitTimeout]
    assert limiter.waiting == 0


async def test_redirects_are_followed_within_reason():
    async def answer(request):
        if request.path == "/loop":
            raise web.HTTPFound("/loop")
        if request.path.startswith("/a/"):
            raise web.HTTPMovedPermanently("../b?x=1")
        return await say_path(request)

    async with Site(answer) as site:
        there, loop = await aio.fetch_all([f"{site}/a/", f"{site}/loop"])
        assert site.paths.count("/loop") == 11
    assert (there.text, there.url) == ("/b", f"{site}/a/")
    assert there.final_url == f"{site}/b?x=1"
    assert type(loop) is LimitExceeded
    assert "10 redirects" in str(loop)


async def test_keys_stay_at_home_when_a_redirect_leads_elsewhere():
    seen = []

    async def remember(request):
        seen.append(request)
        return web.Response()

    async with Site(remember) as other:

        async def answer(request):
            seen.append(request)
            if request.path == "/here":
                return web.Response()
            raise web.HTTPFound(
                f"{other}/" if request.path == "/away" else "/here"
            )

        async with Site(answer) as site:
            secrets = {
                "authorization": "Bearer hunter2",
                "X-API-Key": "hunter2",
                "Cookie": "session=hunter2",
                "User-Agent": "test/1",
            }
            await aio.fetch_all([f"{site}/away"], headers=secrets)
            await aio.fetch_all([f"{site}/home"], headers=secrets)
            with_name = f"http://ann:hunter2@127.0.0.1:{site.port}/away"
            await aio.fetch_all([with_name])
    first, away, _, home, named, away_again = seen
    assert first.headers["X-API-Key"] == "hunter2"
    assert away.headers["User-Agent"] == "test/1"
    assert "hunter2" not in str(away.headers)
    assert home.headers["Authorization"] == "Bearer hunter2"
    assert "Authorization" in named.headers
    assert "Authorization" not in away_again.headers


async def test_another_scheme_is_no_place_to_go():
    async def answer(request):
        return web.Response(
            status=302, headers={"Location": "file:///etc/passwd"}
        )

    async with Site(answer) as site:
        error = await only(aio.fetch_all([str(site)]))
    assert type(error) is ProtocolError


# Sessions, proxies, certificates


class Proxy:
    """A proxy that answers for everybody, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __enter__(self):
        def handler(sock, peer):
            data = b""
            while b"\r\n\r\n" not in data:
                data += sock.recv(4096)
            self.asked.append(data.decode())
            sock.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                b"Connection: close\r\n\r\nproxy"
            )

        self.server = servers.TCPServer(handler).start()
        return self

    def __exit__(self, *failure):
        self.server.stop()


async def test_a_proxy_of_the_environment_is_used_but_not_for_loopback(
    monkeypatch,
):
    with Proxy() as proxy:
        address = f"http://ann:pw@127.0.0.1:{proxy.server.port}"
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("no_proxy", "direct.invalid")
        async with Site(say_path) as site:
            port = site.port
            outcomes = await aio.fetch_all(
                [
                    f"http://127.0.0.1:{port}/near",
                    f"http://localhost:{port}/near",
                    "http://far.invalid/",
                    "http://direct.invalid/",
                ]
            )
    near, local, far, direct = outcomes
    assert (near.text, local.text, far.text) == ("/near", "/near", "proxy")
    assert type(direct) is aio.NotConnected
    assert len(proxy.asked) == 1
    assert proxy.asked[0].startswith("GET http://far.invalid/ ")
    assert "Proxy-Authorization: Basic YW5uOnB3" in proxy.asked[0]


async def test_a_proxy_that_is_down_is_named(monkeypatch):
    with lab.refused() as peer:
        host, port = peer.address
        monkeypatch.setenv("http_proxy", f"http://ann:pw@{host}:{port}")
        error = await only(aio.fetch_all(["http://far.invalid/"]))
    assert type(error) is aio.NotConnected
    assert "proxy" in str(error)
    assert "pw@" not in str(error)


async def test_netrc_is_not_read(monkeypatch, tmp_path):
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login ann password hunter2\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    async with Site(say_path) as site:
        await aio.fetch_all([str(site)])
        assert "Authorization" not in site.requests[0].headers


async def test_requests_share_no_cookies():
    async def answer(request):
        response = web.Response()
        response.set_cookie("session", "1")
        return response

    async with Site(answer) as site:
        await aio.fetch_all([site.url().replace("127.0.0.1", "localhost")] * 3)
        assert ["Cookie" in r.headers for r in site.requests] == [False] * 3


async def test_a_session_of_the_callers_is_used_and_left_open():
    async with (
        Site(say_path) as site,
        aiohttp.ClientSession(headers={"X-Mine": "1"}) as session,
    ):
        results = await aio.fetch_all(
            [site.url("/a"), site.url("/b")], session=session
        )
        assert not session.closed
        assert [result.text for result in results] == ["/a", "/b"]
        assert site.requests[0].headers["X-Mine"] == "1"


async def test_a_session_of_the_callers_keeps_our_limits():
    bomb = gzip.compress(bytes(5_000_000), 9)

    async def answer(request):
        if request.path == "/never":
            await never(request)
        if request.path == "/404":
            return web.Response(status=404)
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with (
        Site(answer) as site,
        aiohttp.ClientSession(raise_for_status=True) as session,
    ):
        outcomes = await aio.fetch_all(
            [f"{site}/never", f"{site}/404", f"{site}/bomb"],
            session=session,
            timeout=0.5,
            max_bytes=1_000_000,
        )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [DeadlineExceeded, APIError, LimitExceeded]


async def test_certificates_are_checked_and_can_be_trusted():
    authority = certs.Authority()

    def handler(sock, peer):
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    context = authority.issue("127.0.0.1").server_context()
    with servers.TCPServer(handler, tls=context) as server:
        url = f"https://127.0.0.1:{server.port}/"
        error = await only(aio.fetch_all([url]))
        result = await only(
            aio.fetch_all([url], tls=authority.client_context())
        )
    assert type(error) is aio.NotConnected
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert result.body == b"ok"


# Ending early


async def test_cancelling_closes_everything(caplog):
    async with Site(never) as site:
        before = asyncio.all_tasks()
        task = asyncio.create_task(
            aio.fetch_all([f"{site}/{n}" for n in range(30)], limit=10)
        )
        await until(lambda: site.now == 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: site.cancelled == 10)
        assert len(site.requests) == 10
        left = asyncio.all_tasks() - before
        assert not [t for t in left if "_work" in repr(t)]
    gc.collect()  # a warning of something left open would fail the test
    assert caplog.text == ""


async def test_cancelling_while_tls_connections_are_open_is_silent(caplog):
    authority = certs.Authority()
    opened = threading.Semaphore(0)

    def handler(sock, peer):
        sock.recv(4096)
        opened.release()
        sock.recv(4096)

    context = authority.issue("127.0.0.1").server_context()
    with servers.TCPServer(handler, tls=context) as server:
        url = f"https://127.0.0.1:{server.port}/"
        task = asyncio.create_task(
            aio.fetch_all([url] * 3, tls=authority.client_context())
        )
        for _ in range(3):
            assert await asyncio.to_thread(opened.acquire, timeout=10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    gc.collect()
    assert caplog.text == ""


@pytest.mark.parametrize("how", ["aclosing", "break", "error"])
async def test_a_loop_that_ends_early_cancels_the_rest(how, caplog):
    async def answer(request):
        if request.path == "/0":
            return await say_path(request)
        return await never(request)

    async def loop(site):
        outcomes = aio.fetch_each(f"{site}/{n}" for n in itertools.count())
        if how == "aclosing":
            async with contextlib.aclosing(outcomes):
                async for _ in outcomes:
                    return
        async for _ in outcomes:
            if how == "error":
                raise ZeroDivisionError
            break

    async with Site(answer) as site:
        with contextlib.suppress(ZeroDivisionError):
            await loop(site)
        gc.collect()
        await until(lambda: site.now == 0)
        assert len(site.requests) <= 21
    assert caplog.text == ""


def test_a_program_that_breaks_off_says_nothing(tmp_path):
    """`asyncio.run` ends while requests are under way."""
    code = """
import asyncio, itertools
from netbasics import aio, lab
async def main(url):
    async for outcome in aio.fetch_each(itertools.repeat(url), timeout=9):
        break
    task = asyncio.create_task(aio.fetch_all([url] * 50))
    await asyncio.sleep(0.05)
with lab.slow(0.05) as peer:
    asyncio.run(main(peer.url))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# fetch_each


async def test_a_generator_without_an_end_is_asked_only_as_needed():
    pulled = 0

    def endless(site):
        nonlocal pulled
        for number in itertools.count():
            pulled += 1
            yield f"{site}/{number}"

    async with Site(say_path_some_time) as site:
        outcomes = aio.fetch_each(endless(site), limit=4)
        async with contextlib.aclosing(outcomes):
            for number in range(50):
                assert (await anext(outcomes)).text == f"/{number}"
                # Read: number + 1. Kept: 8. In a worker's hands: 4.
                assert pulled <= number + 1 + 8 + 4
        assert site.peak <= 4


async def test_a_slow_reader_slows_down_the_fetching():
    async with Site(say_path) as site:
        asked = (f"{site}/{n}" for n in range(1000))
        outcomes = aio.fetch_each(asked, limit=3)
        async with contextlib.aclosing(outcomes):
            await anext(outcomes)
            await asyncio.sleep(0.2)  # plenty of time to run ahead
            assert len(site.requests) <= 1 + 6 + 3


async def test_a_slow_url_holds_back_a_bounded_number_of_others():
    opened = asyncio.Event()

    async def answer(request):
        if request.path == "/0":
            await opened.wait()
        return await say_path(request)

    async with Site(answer) as site:
        asked = (f"{site}/{n}" for n in range(100))
        outcomes = aio.fetch_each(asked, limit=5)
        first = asyncio.create_task(anext(outcomes))
        # The first is being waited for, ten more have a place.
        await until(lambda: len(site.requests) == 11)
        await asyncio.sleep(0.1)
        assert len(site.requests) == 11
        opened.set()
        texts = [(await first).text] + [
            result.text async for result in outcomes
        ]
    assert texts == [f"/{n}" for n in range(100)]


async def test_results_that_were_read_are_not_kept():
    async with Site(say_path) as site:
        asked = (f"{site}/{n}" for n in range(200))
        number = 0
        async for _ in aio.fetch_each(asked, limit=5):
            number += 1
            if number % 40 == 0:
                alive = sum(
                    isinstance(thing, aio.Result) for thing in gc.get_objects()
                )
                assert alive <= 1 + 10 + 5
    assert number == 200


async def test_the_source_may_depend_on_the_results():
    """A crawler: the next URL is known only when a result was read."""
    queue = asyncio.Queue()

    async def source():
        while (url := await queue.get()) is not None:
            yield url

    async with Site(say_path) as site:
        queue.put_nowait(f"{site}/0")
        seen = []
        async with asyncio.timeout(10):
            async for result in aio.fetch_each(source()):
                seen.append(result.text)
                following = f"{site}/{len(seen)}" if len(seen) < 5 else None
                queue.put_nowait(following)
    assert seen == ["/0", "/1", "/2", "/3", "/4"]


async def test_no_more_workers_than_urls():
    async with Site(never) as site:
        before = len(asyncio.all_tasks())
        task = asyncio.create_task(aio.fetch_all([f"{site}/1"], limit=10_000))
        await until(lambda: site.now == 1)
        assert len(asyncio.all_tasks()) - before < 10
        task.cancel()
        await asyncio.wait([task])


def test_aiohttp_is_imported_only_when_something_is_fetched():
    code = (
        "import sys; from netbasics import aio; aio.EchoServer;"
        "sys.exit('aiohttp' in sys.modules or 'requests' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_an_address_of_the_old_kind_is_loopback_too(monkeypatch):
    """IPv6 and all of 127/8, by number or by name."""
    from netbasics.aio.getting import _is_loopback

    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost"):
        assert _is_loopback(host)
    for host in ("128.0.0.1", "::2", "localhost.example", "example.org"):
        assert not _is_loopback(host)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_an_ipv6_url():
    try:
        server = servers.TCPServer(
            lambda sock, peer: sock.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            ),
            host="::1",
        ).start()
    except OSError:
        pytest.skip("this machine has no ::1")
    with server:
        result = await only(aio.fetch_all([f"http://[::1]:{server.port}/"]))
    assert result.status == 200
