"""The process of a check: begun early, ended for sure."""

import threading
import time
from pathlib import Path

import pytest
from practice_help import RIGHT, SQUARED, exercise

from netbasics.practice.checking import Cancelled, Checker
from netbasics.practice.children import Child


@pytest.fixture
def double(tmp_path):
    return exercise(tmp_path / "course")


@pytest.fixture
def checker():
    checker = Checker()
    yield checker
    checker.close()


def never():
    return False


def test_it_waits_until_it_has_a_job(double):
    with Child() as child:
        assert not child.output.ended.wait(0.3)
        child.give(double, RIGHT.encode(), double.test)
        assert child.output.ended.wait(20)
        assert b'"passed"' in child.report.read_bytes()


def test_it_ends_when_nobody_will_give_it_a_job():
    with Child() as child:
        child.process.stdin.close()
        assert child.process.wait(20) == 0


def test_it_leaves_nothing_behind():
    child = Child()
    folder = child.source
    assert folder.is_dir()
    child.close()
    child.close()
    assert child.process.returncode is not None
    assert not folder.exists()


def test_one_that_has_died_waiting_is_replaced(double, checker):
    [child] = checker._ready
    child.process.kill()
    child.process.wait()
    assert checker(double, RIGHT.encode(), cancelled=never).kind == "passed"
    assert not child.report.exists()


def test_each_check_has_a_process_of_its_own(double, checker):
    first = checker._ready[0].process.pid
    assert checker(double, SQUARED.encode(), cancelled=never).kind == "failed"
    assert checker._ready[0].process.pid != first
    assert checker(double, RIGHT.encode(), cancelled=never).kind == "passed"
    assert len(checker._ready) == 1


def test_a_check_that_is_given_up_and_the_one_that_takes_its_place(
    double, checker
):
    gone, errors = threading.Event(), []
    hanging = b"import time\n\ndef double(number):\n    time.sleep(60)\n"

    def check():
        try:
            checker(double, hanging, cancelled=gone.is_set)
        except Cancelled as error:
            errors.append(error)

    thread = threading.Thread(target=check)
    thread.start()
    while checker._ready and thread.is_alive():
        time.sleep(0.001)
    gone.set()
    assert checker(double, RIGHT.encode(), cancelled=never).kind == "passed"
    thread.join(20)
    assert len(errors) == 1


def test_closing_ends_the_one_that_waits():
    checker = Checker()
    [child] = checker._ready
    checker.close()
    assert child.process.returncode is not None
    assert not Path(child.report).exists()


def test_the_learner_finds_nothing_on_the_standard_input(double, checker):
    asks = b"def double(number):\n    return 2 * number + len(input())\n"
    finding = checker(double, asks, cancelled=never)
    assert "EOFError" in finding.got
