"""Checks Limiter."""

import threading
import time

import pytest
from limiter import Limiter

from netbasics import lab, sockets
from netbasics.practice.check import Running

NEAR = 0.02  # seconds: whoever looks every few milliseconds is right, too
ROUNDING = 1e-6
MOST = 50_000  # looks at the clock


class Clock:
    """A clock whose time goes on by its `sleep` alone.

    Args:
        start: Its time in the beginning.
        late: How much longer each sleep takes, in seconds.
    """

    def __init__(self, start, late=0.0):
        self.time = start
        self.late = late
        self.reads = 0
        self.slept = []

    def __repr__(self):
        return "clock"

    def now(self):
        self.reads += 1
        if self.reads > MOST:
            raise RuntimeError(f"{MOST:,} looks at a clock that stands still")
        return self.time

    def sleep(self, seconds):
        if not seconds >= 0:
            raise ValueError(f"sleep({seconds}): a sleep cannot be negative")
        self.slept.append(seconds)
        self.time += seconds + self.late


def make(check, rate, clock):
    """Make a limiter, and name the mistakes that may show in any call."""
    limiter = check.call(Limiter, rate, clock)
    check.mistake(
        "The time goes on by `clock.sleep` alone: a loop that only looks at "
        "the clock never ends. (With a real clock it would keep a processor "
        "busy.)",
        lambda it: clock.reads > MOST,
    )
    check.mistake(
        "It does not use the clock that it was given, but the time of the "
        "machine. Tests with `time.sleep` take as long as they say.",
        lambda it: clock.reads == 0 and not clock.slept,
    )
    return limiter


def turn(check, limiter, clock, expected, what):
    """Call `acquire`, which must return at this time of the clock."""
    check.call(limiter.acquire)
    early = clock.time < expected - ROUNDING
    late = clock.time > expected + NEAR
    check.notes[:] = [f"It called clock.sleep with: {clock.slept}."]
    check.that(
        not early and not late,
        f"that {what} returns when the clock says {expected:.3f}",
        f"it returned when the clock said {clock.time:.3f}",
    )


@pytest.mark.parametrize("start", [0.0, -40.0, 1_800_000_000.0])
def test_the_first_call(check, start):
    """Nobody has called before; the clock may stand anywhere."""
    clock = Clock(start)
    limiter = make(check, 4, clock)
    check.mistake(
        f"The first call waited. The clock says {start:g}, and a last call at "
        "the time 0 never was: begin with None, or with minus infinity.",
        lambda it: clock.slept,
    )
    turn(check, limiter, clock, start, "the first call")


@pytest.mark.parametrize("rate", [4, 0.5, 2.5])
def test_calls_in_a_row(check, rate):
    """Five calls follow each other, and nothing else takes time."""
    clock = Clock(1000.0)
    limiter = make(check, rate, clock)
    turn(check, limiter, clock, 1000.0, "the first call")
    check.mistake(
        "The second call did not wait. That is a bucket, or a window: several "
        "calls at once, and then a pause. Here each keeps its distance to the "
        "one before.",
        lambda it: clock.time == 1000.0 and clock.reads,
    )
    for number in range(2, 6):
        expected = 1000.0 + (number - 1) / rate
        turn(check, limiter, clock, expected, f"call {number}")


def test_work_between_calls(check):
    """The caller works between its calls, shorter or longer than a turn."""
    clock = Clock(1000.0)
    limiter = make(check, 4, clock)
    check.mistake(
        "It slept although there was nothing to wait for, or for longer than "
        "that. The time since the last return counts, too.",
        lambda it: clock.slept and clock.time > 1000.3,
    )
    turn(check, limiter, clock, 1000.0, "the first call")
    clock.time = 1000.1
    turn(check, limiter, clock, 1000.25, "a call after 0.1 s of work")
    clock.time = 1000.7
    turn(check, limiter, clock, 1000.7, "a call after 0.45 s of work")


def test_after_a_pause(check):
    """Nobody calls for an hour, and then there are three calls at once."""
    clock = Clock(1000.0)
    limiter = make(check, 4, clock)
    turn(check, limiter, clock, 1000.0, "the first call")
    clock.time = 4600.0
    turn(check, limiter, clock, 4600.0, "the call after an hour")
    check.mistake(
        "After a pause it let several calls through at once, as if the turns "
        "of that time had been saved up.",
        lambda it: clock.time == 4600.0,
    )
    turn(check, limiter, clock, 4600.25, "the one right after it")
    turn(check, limiter, clock, 4600.5, "the next one")


def test_a_sleep_that_ends_late(check):
    """Each sleep takes 0.1 s longer than it was asked for."""
    clock = Clock(1000.0, late=0.1)
    limiter = make(check, 4, clock)
    turn(check, limiter, clock, 1000.0, "the first call")
    check.call(limiter.acquire)
    second = clock.time
    clock.late = 0.0
    check.mistake(
        f"It keeps to a timetable: the second call returned late, at "
        f"{second:.2f}, and the third made up for that. So they were too close "
        "together. Count from the last return.",
        lambda it: clock.time < second + 0.25,
    )
    turn(check, limiter, clock, second + 0.25, "the call after a late one")


class Watched:
    """The real clock; it knows when each thread last asked or slept.

    No call of `acquire` can have returned before that. Asking takes a moment,
    in which other threads run.
    """

    def __init__(self):
        self.last = {}

    def __repr__(self):
        return "clock"

    def now(self):
        time.sleep(0.0005)
        seconds = time.monotonic()
        self.last[threading.get_ident()] = seconds
        return seconds

    def sleep(self, seconds):
        time.sleep(seconds)
        self.last[threading.get_ident()] = time.monotonic()


def test_ten_threads(check):
    """Ten threads want a turn at once, and then send a request to a server."""
    rate, threads = 40, 10
    peer = check.peer(lab.slow(0))
    clock = Watched()
    limiter = check.call(Limiter, rate, clock)
    ready = threading.Barrier(threads)
    returns = []

    def work():
        ready.wait(5)
        asked = time.monotonic()
        limiter.acquire()
        # It returned at some time between these two.
        done = time.monotonic()
        returns.append((clock.last.get(threading.get_ident(), asked), done))
        ask(peer)

    ask(peer)
    began = peer.requests[0].at
    running = [Running(work) for _ in range(threads)]
    check.called = f"acquire(), in {threads} threads at once"
    end = time.monotonic() + 4
    for thread in running:
        thread.join(max(0.0, end - time.monotonic()))
    for thread in running:
        if thread.error is not None:
            raise thread.error
    check.mistake(
        "Not all threads came back: does one wait with a lock that another one "
        "needs?",
        lambda it: len(returns) < threads,
    )
    check.mistake(
        "Several threads read the same time of the last call, waited as long, "
        "and went on together. To read it, to wait and to write it must be one "
        "step: keep one lock for all of it, for all threads.",
        lambda it: len(returns) == threads,
    )
    check.that(len(returns) == threads, "that each thread gets its turn")
    arrived = sorted(request.at - began for request in peer.requests[1:])
    seen = ", ".join(f"{at:.3f}" for at in arrived)
    check.note(f"The server's clock, when requests came, in seconds: {seen}.")
    look_at_returns(check, sorted(returns), 1 / rate)
    for number, at in enumerate(arrived):
        check.that(
            at >= number / rate - 0.001,
            f"that request {number + 1} is sent after {number / rate:.3f} s",
            f"it was there after {at:.3f} s",
        )


def look_at_returns(check, returns, interval):
    """Fail if two returns were surely too close together."""
    for at, (earliest, _) in enumerate(returns):
        for _, latest in returns[at + 1 :]:
            check.that(
                latest - earliest >= interval - 0.001,
                f"that any two calls return at least {interval:.3f} s apart",
                f"two of them were {latest - earliest:.3f} s apart",
            )


def ask(peer):
    """Send a request, and wait for the answer."""
    sockets.ask(peer.address, b"GET / HTTP/1.1\r\nHost: api\r\n\r\n")
