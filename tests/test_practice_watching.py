"""Practising: saves, keys and verdicts, in whatever order they come."""

import os
import queue
import threading
import time

import pytest
from practice_help import RIGHT, SQUARED, exercise

from netbasics.practice.checking import Cancelled
from netbasics.practice.findings import Finding
from netbasics.practice.making import init
from netbasics.practice.saving import Saved
from netbasics.practice.watching import Practice
from netbasics.practice.workspace import Workspace


class Pressed:
    """Keys that a test presses."""

    def __init__(self):
        self.keys = queue.Queue()

    def wait(self, seconds):
        try:
            key = self.keys.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(key, BaseException):
            raise key
        return key


class Shown:
    """A screen whose calls a test waits for."""

    def __init__(self):
        self.calls = []
        self.changed = threading.Condition()

    def __getattr__(self, name):
        def note(*args):
            if (name, args) != ("running", (None,)):
                with self.changed:
                    self.calls.append((name, *args))
                    self.changed.notify_all()

        return note

    def until(self, name, times=1):
        """Wait until something was shown so often; return the last one."""

        def there():
            return [call for call in self.calls if call[0] == name]

        with self.changed:
            assert self.changed.wait_for(lambda: len(there()) >= times, 20), (
                name,
                self.calls,
            )
            return there()[times - 1]


def verdict_of(text):
    kind = "passed" if b"2 *" in text else "failed"
    return Finding(kind, text.decode())


class Learner:
    """A learner who practises in a thread of the test's."""

    def __init__(self, tmp_path, check=None):
        first = exercise(tmp_path / "course")
        second = exercise(tmp_path / "course", "triple")
        self.double = first
        self.course = [first, second]
        init(tmp_path / "mine", self.course)
        self.work = Workspace(tmp_path / "mine", self.course)
        self.file = self.work.file(first)
        self.screen, self.keyboard = Shown(), Pressed()
        self.press = self.keyboard.keys.put
        self.edited = []
        self.practice = Practice(
            self.work,
            first,
            screen=self.screen,
            keyboard=self.keyboard,
            edit=lambda path: self.edited.append(path) or "",
            check=check or (lambda _, text, cancelled: verdict_of(text)),
        )
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self.practice.run()
        except BaseException as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        self.screen.until("task")
        return self

    def __exit__(self, *_):
        self.press("q")
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def learner(tmp_path):
    with Learner(tmp_path) as learner:
        yield learner


def test_a_stub_is_shown_and_not_judged(learner):
    learner.screen.until("prompt")
    assert [call[0] for call in learner.screen.calls] == ["task", "prompt"]


def test_what_the_learner_has_is_judged_at_once(tmp_path):
    learner = Learner(tmp_path)
    learner.file.write_text(SQUARED)
    with learner:
        assert learner.screen.until("verdict")[2].headline == SQUARED


def test_from_a_mistake_to_a_pass_to_the_next(learner):
    learner.file.write_text(SQUARED)
    learner.screen.until("verdict")
    learner.file.write_text(RIGHT)
    assert learner.screen.until("passed")[2] == RIGHT
    assert learner.work.done() == {"double"}
    learner.press("\n")
    assert learner.screen.until("task", 2)[1].name == "triple"


def test_a_failure_is_not_left_by_enter(learner):
    learner.file.write_text(SQUARED)
    learner.screen.until("verdict")
    learner.press("\n")
    assert "not passed yet" in learner.screen.until("say")[1]


def test_the_last_pass_ends_it(tmp_path):
    learner = Learner(tmp_path)
    learner.work.passed(learner.course[1])
    with learner:
        learner.file.write_text(RIGHT)
        learner.screen.until("passed")
        learner.press("\n")
        learner.thread.join(10)
        assert learner.practice.exercise is None


@pytest.mark.parametrize("way", ["rename", "delete", "same size", "old time"])
def test_every_way_to_save_is_noticed(learner, way):
    file = learner.file
    file.write_text("def double(n): return 1")
    learner.screen.until("verdict")
    text = "def double(n): return 3"
    before = os.stat(file)
    if way == "rename":
        beside = file.with_name(".double.py.swp")
        beside.write_text(text)
        os.replace(beside, file)
    elif way == "delete":
        file.unlink()
        time.sleep(0.15)  # the length of the gap is the point
        file.write_text(text)
    else:
        file.write_text(text)
    if way == "old time":
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert learner.screen.until("verdict", 2)[2].headline == text


def test_a_save_in_two_writes_gets_one_verdict(learner):
    with open(learner.file, "w") as file:
        file.write("def double(n):\n    retu")
        file.flush()
        time.sleep(0.05)
        file.write("rn 3")
    learner.screen.until("verdict")
    verdicts = [c for c in learner.screen.calls if c[0] == "verdict"]
    assert [v[2].headline for v in verdicts] == ["def double(n):\n    return 3"]


def test_a_save_during_a_run_begins_anew(tmp_path):
    began = queue.Queue()

    def slow(_, text, cancelled):
        began.put(text)
        while b"slow" in text:
            if cancelled():
                raise Cancelled
            time.sleep(0.01)
        return verdict_of(text)

    with Learner(tmp_path, slow) as learner:
        learner.file.write_text("slow")
        assert began.get(timeout=20) == b"slow"
        learner.screen.until("running")
        learner.file.write_text(RIGHT)
        learner.screen.until("passed")
        assert all(call[0] != "verdict" for call in learner.screen.calls)


def test_keys_pressed_during_a_run_are_not_lost(tmp_path):
    go = threading.Event()
    began = threading.Event()

    def waits(_, text, cancelled):
        began.set()
        go.wait(20)
        return verdict_of(text)

    with Learner(tmp_path, waits) as learner:
        learner.file.write_text(SQUARED)
        assert began.wait(20)
        learner.press("h")
        learner.press("l")
        go.set()
        learner.screen.until("listing")
        order = [c[0] for c in learner.screen.calls if c[0] != "running"]
        assert order.index("verdict") < order.index("hint")


def test_quitting_does_not_wait_for_a_run(tmp_path):
    began = threading.Event()

    def endless(_, text, cancelled):
        began.set()
        while not cancelled():
            time.sleep(0.01)
        raise Cancelled

    with Learner(tmp_path, endless) as learner:
        learner.file.write_text("slow")
        assert began.wait(20)
        learner.press(KeyboardInterrupt())
        learner.thread.join(10)
        assert isinstance(learner.error, KeyboardInterrupt)


def test_the_keys(learner):
    for _ in range(4):
        learner.press("h")
        learner.screen.until("hint")
    assert learner.screen.until("hint", 4)[2] == 3
    learner.press("s")
    assert "after a pass" in learner.screen.until("say")[1]
    learner.press("?")
    learner.screen.until("keys")
    learner.press("e")
    learner.screen.until("task", 2)
    assert learner.edited == [learner.file]
    learner.press("x")
    assert "'x' is no key" in learner.screen.until("say", 2)[1]
    learner.press("r")
    learner.screen.until("verdict")


def test_the_solution_after_a_pass(learner):
    learner.file.write_text(RIGHT)
    learner.screen.until("passed")
    learner.press("s")
    assert learner.screen.until("solution")[2] == RIGHT


def test_a_file_that_stays_away_is_missed(learner):
    learner.file.unlink()
    assert "is not there" in learner.screen.until("say")[1]
    learner.file.write_text(SQUARED)
    learner.screen.until("verdict")


def test_a_check_that_cannot_run_ends_nothing(tmp_path):
    def broken(_, text, cancelled):
        raise OSError("no space left")

    with Learner(tmp_path, broken) as learner:
        learner.file.write_text(RIGHT)
        assert "no space left" in learner.screen.until("say")[1]


def test_saved_reads_anew_though_the_times_say_nothing(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("one")
    saved = Saved(file)
    before = os.stat(file)
    file.write_text("two")
    monkeypatch.setattr("os.stat", lambda path: before)
    saved._read_at -= 2  # as if that long had passed
    assert saved.changed()
    assert saved.text == b"two"
