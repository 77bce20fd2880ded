"""A sign that something runs, drawn from a thread of its own."""

import threading

from netbasics.course import spinner
from netbasics.course.spinner import Spinner


def test_it_turns_after_a_while_and_leaves_nothing(monkeypatch, leaves_nothing):
    monkeypatch.setattr(spinner, "AFTER", 0.05)
    monkeypatch.setattr(spinner, "EVERY", 0.01)
    drawn = []
    turned = threading.Event()

    def draw(text):
        drawn.append(text)
        if len(drawn) >= 3:
            turned.set()

    sign = Spinner(draw, threading.RLock())
    assert turned.wait(10)
    sign.stop()
    assert drawn[0] != drawn[1]
    assert "running" in drawn[0]
    assert drawn[-1] == ""


def test_what_ends_soon_never_shows_it(monkeypatch, leaves_nothing):
    monkeypatch.setattr(spinner, "AFTER", 60)
    drawn = []
    sign = Spinner(drawn.append, threading.RLock())
    sign.clear()
    sign.stop()
    assert drawn == []
