import asyncio
import contextlib
import functools
import math
import pickle
import random
import subprocess
import sys
import threading
import time
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbasics.errors import NetbasicsError
from netbasics.limits import RateLimiter, RateLimitTimeout


class FakeTime:
    """A clock that only a sleep moves, and all sleeps that were asked for."""

    def __init__(self, start=0.0):
        self.now = start
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class ManualTime(FakeTime):
    """A clock for asyncio: a sleep ends when the test says so."""

    def __init__(self):
        super().__init__()
        self.sleepers = []

    def sleep(self, seconds):
        future = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, future))
        return future

    async def advance(self, seconds):
        self.now += seconds
        for due, future in self.sleepers:
            if due <= self.now + 1e-9 and not future.done():
                future.set_result(None)
        await settle()


async def settle():
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def limiter_on(fake, rate, **options):
    return RateLimiter(rate, clock=fake.clock, sleep=fake.sleep, **options)


def most_above(times, rate, burst, slack=0.0):
    """By how many turns the worst window exceeds burst + rate * length."""
    times = sorted(times)
    return (
        max(
            (last - first + 1) - (burst + rate * (times[last] - times[first]))
            for first in range(len(times))
            for last in range(first, len(times))
        )
        - rate * slack
    )


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.001)


# The schedule


@settings(deadline=None)
@given(
    rate=st.floats(0.1, 1000),
    burst=st.integers(1, 6),
    start=st.sampled_from([0.0, 1e5, 1.7e9]),
    calls=st.lists(
        st.tuples(st.floats(0, 5), st.integers(1, 6)), min_size=1, max_size=40
    ),
)
def test_no_window_has_more_than_burst_plus_rate_times_its_length(
    rate, burst, start, calls
):
    fake = FakeTime(start)
    limiter = limiter_on(fake, rate, burst=burst)
    times = []
    for pause, n in calls:
        fake.now += pause / rate
        n = min(n, burst)
        limiter.acquire(n)
        times.extend([fake.now] * n)
    assert most_above(times, rate, burst) < 0.01


@settings(deadline=None)
@given(rate=st.floats(0.1, 1000), burst=st.integers(1, 6))
def test_nobody_waits_longer_than_needed(rate, burst):
    fake = FakeTime()
    limiter = limiter_on(fake, rate, burst=burst)
    for _ in range(burst + 20):
        limiter.acquire()
    assert fake.now == pytest.approx(20 / rate)
    assert len(fake.slept) == 20


def test_a_rate_may_be_per_any_time():
    fake = FakeTime()
    limiter = limiter_on(fake, 30, per=60.0)
    for _ in range(3):
        limiter.acquire()
    assert fake.slept == [2.0, 2.0]


def test_idle_time_is_no_credit_beyond_the_burst():
    fake = FakeTime()
    limiter = limiter_on(fake, 10, burst=3)
    limiter.acquire(3)
    fake.now += 3600
    limiter.acquire(3)
    assert fake.slept == []
    limiter.acquire()
    assert fake.slept == [pytest.approx(0.1)]


def test_a_late_turn_does_not_delay_the_next_one():
    fake = FakeTime()
    limiter = limiter_on(fake, 10)
    limiter.acquire()
    limiter._sleep = lambda seconds: fake.sleep(seconds + 0.001)
    for _ in range(10):
        limiter.acquire()
    assert fake.now == pytest.approx(1.001)


def test_a_long_stall_is_not_caught_up():
    fake = FakeTime()
    limiter = limiter_on(fake, 10)
    limiter.acquire()
    limiter._sleep = lambda seconds: fake.sleep(seconds + 30)
    limiter.acquire()
    limiter._sleep = fake.sleep
    times = []
    for _ in range(5):
        limiter.acquire()
        times.append(fake.now)
    assert most_above(times, 10, 1) < 0.01
    assert fake.slept[-1] == pytest.approx(0.1)


def test_a_clock_that_stands_still_makes_no_endless_loop():
    slept = []
    limiter = RateLimiter(10, clock=lambda: 5.0, sleep=slept.append)
    for _ in range(4):
        limiter.acquire()
    assert slept == [pytest.approx(0.1 * turn) for turn in (1, 2, 3)]


# Threads


def stamps_from_threads(take, threads, count):
    """Call `take` from several threads at once, `count` times each."""
    stamps = []
    barrier = threading.Barrier(threads)

    def work():
        barrier.wait(10)
        for _ in range(count):
            take()
            stamps.append(time.monotonic())

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    return stamps


class LastCallPlusInterval:
    """The tempting limiter, to show that the check can fail."""

    def __init__(self, rate):
        self.interval = 1 / rate
        self.last = -math.inf

    def acquire(self):
        wait = self.last + self.interval - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self.last = time.monotonic()


def test_ten_threads_together_keep_to_the_rate(leaves_nothing):
    limiter = RateLimiter(100)
    stamps = stamps_from_threads(limiter.acquire, threads=10, count=4)
    assert len(stamps) == 40
    # A thread may be held up between its turn and its time stamp.
    assert most_above(stamps, 100, 1, slack=0.05) < 1
    assert max(stamps) - min(stamps) >= 0.39 - 0.05


def test_the_tempting_limiter_fails_the_same_check():
    limiter = LastCallPlusInterval(100)
    stamps = stamps_from_threads(limiter.acquire, threads=10, count=4)
    assert most_above(stamps, 100, 1, slack=0.05) > 1


def test_most_of_the_rate_is_reached():
    limiter = RateLimiter(200)
    start = time.monotonic()
    stamps = stamps_from_threads(limiter.acquire, threads=8, count=10)
    seconds = max(stamps) - start
    assert seconds < 79 / 200 + 0.5


def start_waiters(limiter, count, order):
    """Start threads that stand in the queue one after the other."""
    threads = []
    for number in range(count):

        def work(number=number):
            limiter.acquire()
            order.append(number)

        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        until(lambda: limiter.waiting == len(threads))
    return threads


def test_threads_are_served_in_the_order_they_came(leaves_nothing):
    opened = threading.Event()

    def sleep(seconds):
        assert opened.wait(10)

    limiter = RateLimiter(1000, clock=lambda: 0.0, sleep=sleep)
    limiter.acquire()
    order = []
    threads = start_waiters(limiter, 8, order)
    opened.set()
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))


def test_nothing_is_locked_while_somebody_waits(leaves_nothing):
    asleep, opened = threading.Event(), threading.Event()

    def sleep(seconds):
        asleep.set()
        assert opened.wait(10)

    limiter = RateLimiter(1, clock=lambda: 0.0, sleep=sleep)
    limiter.acquire()
    thread = threading.Thread(target=limiter.acquire)
    thread.start()
    assert asleep.wait(10)
    seen = []
    other = threading.Thread(target=lambda: seen.append(repr(limiter)))
    other.start()
    other.join(5)
    assert seen == [
        "<RateLimiter 1 per 1 s, burst 1: next turn in 2 s, 1 waiting>"
    ]
    with pytest.raises(RateLimitTimeout):
        limiter.acquire(timeout=1.5)
    opened.set()
    thread.join(10)


def test_ctrl_c_during_the_wait_gives_the_turn_back():
    fake = FakeTime()
    limiter = limiter_on(fake, 10)
    limiter.acquire()

    def interrupted(seconds):
        raise KeyboardInterrupt

    limiter._sleep = interrupted
    with pytest.raises(KeyboardInterrupt):
        limiter.acquire()
    limiter._sleep = fake.sleep
    assert limiter.waiting == 0
    limiter.acquire()
    assert fake.now == pytest.approx(0.1)


def test_the_next_in_line_moves_up_when_the_first_gives_up(leaves_nothing):
    asleep, opened = threading.Event(), threading.Event()
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 1:
            asleep.set()
            assert opened.wait(10)
            raise ZeroDivisionError  # stands for Ctrl-C, in a thread

    limiter = RateLimiter(1, clock=lambda: 0.0, sleep=sleep)
    limiter.acquire()

    def gives_up():
        with contextlib.suppress(ZeroDivisionError):
            limiter.acquire()

    first = threading.Thread(target=gives_up)
    first.start()
    assert asleep.wait(10)
    second = threading.Thread(target=limiter.acquire)
    second.start()
    until(lambda: limiter.waiting == 2)
    opened.set()
    first.join(10)
    second.join(10)
    assert slept == [1.0, 1.0]


# Timeouts


def test_a_timeout_that_cannot_be_met_is_refused_at_once_and_uses_no_turn():
    fake = FakeTime()
    limiter = limiter_on(fake, 2)
    limiter.acquire()
    for _ in range(3):
        with pytest.raises(RateLimitTimeout, match=r"in 0\.5 s.* 0\.4 s") as e:
            limiter.acquire(timeout=0.4)
        assert e.value.wait == pytest.approx(0.5)
        assert e.value.timeout == 0.4
    assert fake.slept == []
    limiter.acquire(timeout=0.5)
    assert fake.now == 0.5


def test_a_timeout_of_zero_takes_only_what_is_ready():
    fake = FakeTime(start=123456.7)
    limiter = limiter_on(fake, 3, burst=2)
    limiter.acquire(timeout=0)
    limiter.acquire(timeout=0)
    with pytest.raises(TimeoutError):
        limiter.acquire(timeout=0)
    fake.now += 1 / 3
    limiter.acquire(timeout=0)


@settings(deadline=None)
@given(
    start=st.floats(0, 1e8), rate=st.floats(0.01, 1e4), burst=st.integers(1, 9)
)
def test_a_turn_that_is_due_exactly_now_needs_no_wait(start, rate, burst):
    fake = FakeTime(start)
    limiter = limiter_on(fake, rate, burst=burst)
    for _ in range(burst):
        limiter.acquire(timeout=0)
    limiter.acquire(timeout=1 / rate)


def test_the_queue_counts_when_a_timeout_is_judged(leaves_nothing):
    opened = threading.Event()
    limiter = RateLimiter(
        1, clock=lambda: 0.0, sleep=lambda seconds: opened.wait(10)
    )
    limiter.acquire()
    threads = start_waiters(limiter, 3, [])
    with pytest.raises(RateLimitTimeout) as caught:
        limiter.acquire(timeout=3.5)
    assert caught.value.wait == pytest.approx(4.0)
    assert limiter.waiting == 3
    opened.set()
    for thread in threads:
        thread.join(10)


def test_a_queue_that_stalls_does_not_hold_a_waiter_beyond_its_timeout():
    opened = threading.Event()
    limiter = RateLimiter(
        100, clock=lambda: 0.0, sleep=lambda seconds: opened.wait(10)
    )
    limiter.acquire()
    threads = start_waiters(limiter, 1, [])
    start = time.monotonic()
    with pytest.raises(RateLimitTimeout):
        limiter.acquire(timeout=0.1)
    assert 0.09 <= time.monotonic() - start < 0.6
    assert limiter.waiting == 1
    opened.set()
    threads[0].join(10)


def test_a_timeout_without_end_is_none():
    fake = FakeTime()
    limiter = limiter_on(fake, 1)
    limiter.acquire(timeout=math.inf)
    limiter.acquire(timeout=math.inf)
    assert fake.now == 1.0


def test_a_timeout_without_end_is_none_for_the_second_in_line_too(
    leaves_nothing,
):
    opened = threading.Event()
    limiter = RateLimiter(
        100, clock=lambda: 0.0, sleep=lambda seconds: opened.wait(10)
    )
    limiter.acquire()
    threads = start_waiters(limiter, 1, [])
    done = threading.Event()

    def wait():
        limiter.acquire(timeout=math.inf)
        done.set()

    threads.append(threading.Thread(target=wait))
    threads[1].start()
    until(lambda: limiter.waiting == 2)
    opened.set()
    assert done.wait(10)
    for thread in threads:
        thread.join(10)


def test_the_error_is_a_builtin_too_and_survives_pickling():
    error = pickle.loads(pickle.dumps(RateLimitTimeout(3.0, 0.5)))
    assert isinstance(error, TimeoutError)
    assert isinstance(error, NetbasicsError)
    assert (error.wait, error.timeout) == (3.0, 0.5)


# asyncio


@pytest.mark.anyio
async def test_tasks_are_served_in_order_and_evenly():
    fake = FakeTime()
    limiter = limiter_on(fake, 4)
    times = []

    async def work(number):
        await limiter.acquire_async()
        times.append((number, fake.now))

    await asyncio.gather(*(work(number) for number in range(5)))
    assert times == [(number, number / 4) for number in range(5)]


@pytest.mark.anyio
async def test_a_cancelled_task_gives_its_turn_to_those_behind():
    fake = ManualTime()
    limiter = limiter_on(fake, 1)
    await limiter.acquire_async()
    done = []

    async def work(number):
        await limiter.acquire_async()
        done.append((number, fake.now))

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    await settle()
    assert limiter.waiting == 5
    for cancelled in (0, 2):  # the one that sleeps, and one in the middle
        tasks[cancelled].cancel()
    await settle()
    assert limiter.waiting == 3
    for _ in range(3):
        await fake.advance(1.0)
    assert done == [(1, 1.0), (3, 2.0), (4, 3.0)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results].count(
        asyncio.CancelledError
    ) == 2


@pytest.mark.anyio
async def test_ten_thousand_cancelled_tasks_leave_quickly_in_any_order():
    limiter = RateLimiter(0.01)
    await limiter.acquire_async()
    tasks = [
        asyncio.create_task(limiter.acquire_async()) for _ in range(10_000)
    ]
    await settle()
    random.Random(7).shuffle(tasks)
    start = time.monotonic()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert limiter.waiting == 0
    assert time.monotonic() - start < 5


@pytest.mark.anyio
async def test_wait_for_and_a_timeout_use_no_turn():
    fake = ManualTime()
    limiter = limiter_on(fake, 1)
    await limiter.acquire_async()
    with pytest.raises(RateLimitTimeout):
        await limiter.acquire_async(timeout=0.5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(limiter.acquire_async(), 0.01)
    task = asyncio.create_task(limiter.acquire_async())
    await settle()
    await fake.advance(1.0)
    assert task.done()


@pytest.mark.anyio
async def test_the_event_loop_goes_on_while_a_task_waits():
    limiter = RateLimiter(20)
    await limiter.acquire_async()
    waiting = asyncio.create_task(limiter.acquire_async())
    ticks = 0
    while not waiting.done():
        await asyncio.sleep(0)
        ticks += 1
    assert ticks > 10


@pytest.mark.anyio
async def test_threads_and_tasks_share_one_schedule():
    limiter = RateLimiter(100)
    stamps = []

    async def task():
        await limiter.acquire_async()
        stamps.append(time.monotonic())

    def thread():
        limiter.acquire()
        stamps.append(time.monotonic())

    await asyncio.gather(
        *(task() for _ in range(10)),
        *(asyncio.to_thread(thread) for _ in range(10)),
    )
    assert len(stamps) == 20
    assert most_above(stamps, 100, 1, slack=0.05) < 1


def test_one_limiter_serves_one_event_loop_after_the_other():
    limiter = RateLimiter(100, burst=2)

    async def three():
        await asyncio.gather(*(limiter.acquire_async() for _ in range(3)))

    asyncio.run(three())
    asyncio.run(three())
    assert limiter.waiting == 0


def test_a_loop_that_was_closed_under_a_task_blocks_nobody(leaves_nothing):
    limiter = RateLimiter(50)
    limiter.acquire()
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(limiter.acquire_async()) for _ in range(2)]
    loop.run_until_complete(asyncio.sleep(0))
    assert limiter.waiting == 2
    thread = threading.Thread(target=limiter.acquire)
    thread.start()
    until(lambda: limiter.waiting == 3)
    loop.close()
    for task in tasks:
        task._log_destroy_pending = False
        task.get_coro().close()
    thread.join(10)
    assert not thread.is_alive()
    assert limiter.waiting == 0


# With-blocks, what is refused, what it shows and costs


@pytest.mark.anyio
async def test_with_blocks_take_a_turn_and_leave_errors_alone():
    fake = FakeTime()
    limiter = limiter_on(fake, 1)
    with pytest.raises(ZeroDivisionError), limiter:
        raise ZeroDivisionError
    async with limiter as same:
        assert same is limiter
    assert fake.now == 1.0


def test_more_than_the_burst_at_once_is_refused():
    limiter = RateLimiter(10, burst=3)
    with pytest.raises(ValueError, match=r"4 turns .* burst of 3"):
        limiter.acquire(4)
    limiter.acquire(3)


@pytest.mark.anyio
@pytest.mark.parametrize("n", [0, -1, 1.5, 9])
async def test_an_impossible_number_of_turns_is_refused(n):
    limiter = RateLimiter(10, burst=3)
    with pytest.raises(ValueError, match="turns"):
        limiter.acquire(n)
    with pytest.raises(ValueError, match="turns"):
        await limiter.acquire_async(n)
    limiter.acquire(3, timeout=0)


@pytest.mark.parametrize(
    "options",
    [
        {"rate": 0},
        {"rate": -1},
        {"rate": math.nan},
        {"rate": math.inf},
        {"rate": 1, "per": 0},
        {"rate": 1, "burst": 0},
        {"rate": 1, "burst": 1.5},
    ],
)
def test_an_impossible_limiter_is_refused(options):
    with pytest.raises(ValueError, match="give a"):
        RateLimiter(**options)


@pytest.mark.parametrize("timeout", [-1, math.nan])
def test_an_impossible_timeout_is_refused(timeout):
    limiter = limiter_on(FakeTime(), 1)
    for _ in range(2):  # a turn is ready, or not
        with pytest.raises(ValueError, match="timeout"):
            limiter.acquire(timeout=timeout)
        assert limiter.waiting == 0
        limiter.acquire()


def test_the_repr_shows_the_live_state():
    fake = FakeTime()
    limiter = limiter_on(fake, 10, burst=3)
    text = "<RateLimiter 10 per 1 s, burst 3: {}, 0 waiting>"
    assert repr(limiter) == text.format("3 turns ready")
    limiter.acquire(2)
    assert repr(limiter) == text.format("1 turn ready")
    limiter.acquire()
    assert repr(limiter) == text.format("next turn in 0.1 s")
    fake.now += 0.05
    assert repr(limiter) == text.format("next turn in 0.05 s")


class Bucket:
    """The least that could be called a limiter."""

    def __init__(self, rate, burst):
        self.rate, self.burst, self.tokens = rate, burst, float(burst)
        self.last = time.monotonic()
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            now = time.monotonic()
            self.tokens += (now - self.last) * self.rate
            if self.tokens > self.burst:
                self.tokens = self.burst
            self.last = now
            self.tokens -= 1


def test_a_turn_that_is_ready_costs_little_more_than_a_bare_bucket():
    cost = functools.partial(timeit.timeit, number=2000)
    bucket, limiter = Bucket(1e9, 10**6), RateLimiter(1e9, burst=10**6)
    # The best of several short rounds: the machine may be busy. It is about
    # 1.2; the bound only notices when something heavy comes in.
    bare = min(cost(bucket.acquire) for _ in range(50))
    ours = min(cost(limiter.acquire) for _ in range(50))
    assert ours / bare < 2


def test_threads_do_not_pay_for_asyncio():
    code = (
        "import sys; from netbasics.limits import RateLimiter;"
        "RateLimiter(5).acquire(); sys.exit('asyncio' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("name", ["rate", "per"])
def test_a_text_is_no_rate(name):
    numbers = {"rate": 5, "per": 1.0, name: "5"}
    with pytest.raises(TypeError, match=f"{name}='5'"):
        RateLimiter(**numbers)
