"""A lesson as a page: what ran stands in it, in the order in which it ran."""

import sys

from course_help import make

from netbasics.course import events
from netbasics.course.page import PageView, fenced, write_page

STEPS = '''

from netbasics.course import Choice


@lesson.step(
    ask=Choice(
        "How much is it?",
        {"one": "It is one.", "two": "It was one."},
        truth=lambda ran: "one" if ran.x == 1 else "two",
    )
)
def asked():
    """Asked.

    Some *prose*.
    """
    x = 1
    print("x is", x)

    """And more."""
    print("later")


@lesson.step(deeper=True)
def failing():
    """Failing."""
    print("before")
    raise LookupError("on purpose")

    """Never shown."""


@lesson.step(needs=[Need("a second sun", lambda: False)])
def skipped():
    """Skipped."""
    print("never")
'''


def page(folder, steps=STEPS):
    lesson = make(folder, steps)
    lesson.ends("That was all.")
    return write_page(lesson)


def test_a_page_has_what_ran_in_its_order(tmp_path):
    text, failed = page(tmp_path)
    places = [
        "# Lesson 7: Small\n\n*A lesson for tests.*\n\nWhat one can do",
        "```python\nimport socket\n```",
        "## 1. Asked\n\nSome *prose*.\n\n```python\nx = 1\n",
        "**Question:** How much is it?\n\n1. one\n2. two\n",
        "```text\nx is 1\n```\n\nIn this run: **one**",
        "It is one.",
        'And more.\n\n```python\nprint("later")\n```\n\n```text\nlater\n```',
        "## 2. Failing *(deeper)*",
        "```text\nbefore\n```\n\n**This step failed:**\n\n```text\nTraceback",
        "LookupError: on purpose\n```",
        "## 3. Skipped\n\n**Skipped:** this step needs a second sun.",
        "## What you have seen\n\nThat was all.",
        "1 skipped, failed: 2",
    ]
    at = 0
    for place in places:
        found = text.find(place, at)
        assert found >= 0, f"{place!r} is not behind:\n{text[:at][-300:]}"
        at = found
    assert [step.name for step in failed] == ["failing"]
    assert "Never shown" not in text
    assert text.endswith("*\n")


def test_the_run_is_real_and_its_output_is_nobodys_else(tmp_path, capsys):
    text, _ = page(
        tmp_path,
        '''

@lesson.step
def one():
    """One."""
    import sys, time
    now = time.time_ns()
    print("now:", now)
    print("to stderr", file=sys.stderr)
    print("\\u2713", sys.stdout.encoding)
''',
    )
    assert "```text\nnow: 1" in text
    assert "to stderr" in text
    assert "✓ utf-8" in text
    assert capsys.readouterr() == ("", "")


def test_the_streams_are_given_back(tmp_path):
    before = sys.stdout, sys.stderr
    page(tmp_path)
    assert (sys.stdout, sys.stderr) == before


def test_output_cannot_break_out_of_its_block():
    view = PageView()
    view.show(events.Output("```\n# not a heading\n"))
    view.show(events.Output("10 %\r50 %\rdone\n"))
    view.show(events.Output("\x1b[31mred\x1b[0m \x00 \ud800\n"))
    assert view.text() == (
        "````text\n```\n# not a heading\ndone\n"
        "\\x1b[31mred\\x1b[0m \\x00 \\ud800\n````\n"
    )


def test_pieces_of_one_line_stay_together():
    view = PageView()
    view.show(events.Running(on=True))
    view.show(events.Output("one "))
    view.show(events.Output("two\n"))
    view.show(events.Running(on=False))
    assert view.text() == "```text\none two\n```\n"


def test_nobody_is_waited_for():
    view = PageView()
    assert view.wait(events.Pause("run")) == "go"
    assert not view.attended


def test_a_fence_is_longer_than_any_in_the_text():
    assert fenced("a ```` b", "text") == "`````text\na ```` b\n`````"
