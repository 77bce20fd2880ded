import threading
import time

import pytest

from netbasics.servers import workers
from netbasics.servers.workers import Workers

pytestmark = pytest.mark.usefixtures("leaves_nothing")


@pytest.fixture
def pool():
    pool = Workers("pool")
    yield pool
    pool.close()
    assert pool.join(10) == []


def idle(pool, count=1):
    end = time.monotonic() + 5
    while pool._idle != count:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_a_thread_is_used_again(pool):
    seen = []
    for _ in range(5):
        pool.run(lambda: seen.append(threading.get_ident()))
        idle(pool)
    assert len(seen) == 5
    assert len(set(seen)) == 1


def test_as_many_threads_as_jobs_at_the_same_time(pool):
    barrier = threading.Barrier(8, timeout=10)
    for _ in range(7):
        pool.run(barrier.wait)
    barrier.wait()  # reached only if all seven run at once
    assert not barrier.broken
    idle(pool, 7)


def test_threads_without_work_end(pool, monkeypatch):
    monkeypatch.setattr(workers, "KEPT", 0.01)
    seen = []
    pool.run(lambda: seen.append(threading.current_thread()))
    end = time.monotonic() + 5
    while not seen or seen[0].is_alive():
        assert time.monotonic() < end
        time.sleep(0.001)
    assert pool._idle == 0
    pool.run(lambda: None)


def test_a_job_that_comes_as_the_thread_gives_up_is_done(pool, monkeypatch):
    # The gap between the time-out and the lock, hit as often as possible.
    monkeypatch.setattr(workers, "KEPT", 0.0005)
    done = []
    for number in range(300):
        pool.run(lambda number=number: done.append(number))
        time.sleep(0.0005)
    end = time.monotonic() + 5
    while len(done) < 300 and time.monotonic() < end:
        time.sleep(0.001)
    assert sorted(done) == list(range(300))


def test_they_are_daemons(pool):
    seen = []
    done = threading.Event()

    def job():
        seen.append(threading.current_thread().daemon)
        done.set()

    pool.run(job)
    assert done.wait(5)
    assert seen == [True]


def test_join_names_those_that_do_not_end():
    pool = Workers("slow")
    release = threading.Event()
    pool.run(lambda: release.wait(30) and None)
    pool.close()
    (thread,) = pool.join(0.05)
    assert thread.name == "slow-1"
    release.set()
    assert pool.join(5) == []


def test_a_job_may_close_its_own_pool():
    pool = Workers("self")
    left = []
    done = threading.Event()

    def job():
        pool.close()
        left.append(pool.join(1))
        done.set()

    pool.run(job)
    assert done.wait(5)
    assert left == [[]]


def test_no_thread_left_in_the_system(monkeypatch):
    pool = Workers("none")

    def fail(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        with pytest.raises(RuntimeError):
            pool.run(lambda: None)
    assert pool._threads == set()
    pool.close()
