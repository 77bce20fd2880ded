"""Deadlines, on a clock that only moves when the test says so."""

import pytest

from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_time_runs_out_once_for_all_waits():
    clock = Clock()
    deadline = Deadline(10, clock=clock)
    assert deadline.timeout(4) == 4
    clock.now += 8
    assert deadline.timeout(4) == pytest.approx(2)
    assert deadline.elapsed == pytest.approx(8)
    clock.now += 2
    assert deadline.expired
    with pytest.raises(
        DeadlineExceeded, match=r"within 10 s \(while dialling\)"
    ):
        deadline.timeout(4, doing="dialling")


def test_no_deadline_leaves_the_single_wait_as_it_is():
    deadline = Deadline(None)
    assert deadline.remaining() is None
    assert deadline.timeout() is None
    assert deadline.timeout(3) == 3
    assert not deadline.expired


def test_a_time_longer_than_any_wait_is_no_deadline():
    for seconds in (float("inf"), 1e12):
        deadline = Deadline(seconds)
        assert deadline.seconds is None
        assert deadline.timeout() is None


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_an_impossible_time_is_refused(seconds):
    with pytest.raises(ValueError, match="0 or more"):
        Deadline(seconds)


def test_of_keeps_a_running_deadline():
    running = Deadline(1)
    assert Deadline.of(running) is running
    assert Deadline.of(2).seconds == 2


def test_the_repr_shows_what_is_left():
    clock = Clock()
    deadline = Deadline(10, clock=clock)
    clock.now += 4
    assert repr(deadline) == "<Deadline 10 s, 6.000 s left>"
    assert repr(Deadline(None)) == "<Deadline: none>"
