"""What the keys at a pause mean."""

import pytest

from netbasics.course import Choice, Number, Text
from netbasics.course.asking import ask, keys, prompt
from netbasics.course.events import Answer, Pause

EVERY = frozenset(
    {"go", "again", "back", "code", "wire", "edit", "python", "leave"}
)
CHOICE = Choice("?", {"yes": "y", "no": "n"}, truth="no")
NUMBER = Number("?", truth=3, unit="s", right="r", low="l", high="h")
TEXT = Text("?", truth="b", right="r", wrong="w")


class Keyboard:
    """Answers as it was told to, and notes what needed no Enter."""

    moves = True

    def __init__(self, *answers):
        self._answers = list(answers)
        self.at_once = set()

    def ask(self, draw, at_once):
        draw()
        self.at_once = set(at_once)
        if not self._answers:
            raise EOFError
        return self._answers.pop(0)


def asked(pause, *answers):
    told = []
    keyboard = Keyboard(*answers)
    result = ask(keyboard, pause, lambda: None, told.append)
    return result, told, keyboard


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("", "go"),
        ("r", "again"),
        ("R", "again"),
        ("b", "back"),
        ("c", "code"),
        ("w", "wire"),
        ("e", "edit"),
        ("p", "python"),
        ("q", "leave"),
        ("quit", "leave"),
    ],
)
def test_each_key_has_its_meaning(key, action):
    assert asked(Pause("run", None, EVERY), key)[0] == action


def test_the_end_of_the_input_leaves():
    assert asked(Pause("run"))[0] == "leave"


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (CHOICE, "1", "yes"),
        (CHOICE, "no", "no"),
        (NUMBER, "2.5", "2.5 s"),
        (TEXT, "anything", "anything"),
        (TEXT, "exit code", "exit code"),
    ],
)
def test_an_answer_is_read_by_its_question(question, typed, answer):
    pause = Pause("run", question, EVERY)
    assert asked(pause, typed)[0] == Answer(answer)


def test_what_makes_no_sense_is_said_and_asked_again():
    result, told, _ = asked(Pause("run", CHOICE, EVERY), "7", "x", "2")
    assert result == Answer("no")
    assert len(told) == 2
    assert "1-2" in told[0]


def test_help_lists_what_is_allowed_here_only():
    assert "Python prompt" in keys(Pause("run", None, EVERY))
    assert "Python prompt" not in keys(Pause("next lesson"))


def test_a_free_text_may_begin_with_the_letter_of_a_key():
    _, _, keyboard = asked(Pause("run", TEXT, EVERY), "q")
    assert not keyboard.at_once & set("rbcwepq")
    _, _, keyboard = asked(Pause("run", NUMBER, EVERY), "q")
    assert {"q", "p", "?"} <= keyboard.at_once
    assert "1" not in keyboard.at_once


def test_a_prompt_says_what_comes_and_what_may_be_answered():
    assert "1-2" in prompt(Pause("run", CHOICE))
    assert "a number (s)" in prompt(Pause("run", NUMBER))
    assert all(
        len(prompt(Pause("the end", q, EVERY))) <= 76
        for q in (None, CHOICE, NUMBER, TEXT)
    )
