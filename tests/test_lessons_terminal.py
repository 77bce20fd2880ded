"""Lesson 1 in a terminal of 80 x 24: Enter leads through, Ctrl-C leads out."""

import re
import sys

import pytest
from course_help import python

from netbasics.course import locate

if sys.platform == "win32":
    pytest.skip("needs a pty", allow_module_level=True)

from terminals import Terminal

COMMAND = python(locate.find("1"))
HEIGHT, WIDTH = 24, 80
SPINNER = re.compile(r". running, \d+ s")  # drawn over itself


def screens(terminal):
    """Yield what is shown between two prompts, answering each with Enter."""
    end = "all done"
    while True:
        shown = terminal.until("Enter: ", end)
        yield shown
        if end in shown:
            return
        terminal.press("\n")


def test_enter_alone_leads_from_start_to_end():
    lesson = locate.load(locate.find("1"))
    with Terminal(COMMAND, size=(HEIGHT, WIDTH)) as terminal:
        seen = list(screens(terminal))
        assert terminal.ends() == 0
        assert terminal.as_before()
    text = "".join(seen)
    for step in lesson.steps:
        assert f"{step.number}/{len(lesson.steps)}  {step.title}" in text
    for screen in seen:
        lines = SPINNER.sub("", screen).split("\n")
        assert len(lines) <= HEIGHT, screen
        assert max(map(len, lines)) <= WIDTH, screen


@pytest.mark.parametrize("prompts", [0, 1, 2, 3, 8, 15])
def test_ctrl_c_at_a_prompt_leads_out(prompts):
    with Terminal(COMMAND) as terminal:
        for _ in range(prompts):
            terminal.until("Enter: ")
            terminal.press("\n")
        terminal.until("Enter: ")
        terminal.press("\x03")
        check_way_out(terminal)


@pytest.mark.parametrize("step", [3, 6, 8])
def test_ctrl_c_right_after_enter_leads_out(step):
    command = [*COMMAND, "--from", str(step)]
    with Terminal(command) as terminal:
        for _ in range(2):
            terminal.until("Enter: ")
            terminal.press("\n")
        terminal.until("Enter: ")
        terminal.press("\n\x03")
        check_way_out(terminal)


def check_way_out(terminal):
    assert terminal.ends() == 130
    shown = terminal.plain(terminal.shown)
    assert "To go on:" in shown
    assert "--from " in shown
    assert "Traceback" not in shown
    assert terminal.as_before()
