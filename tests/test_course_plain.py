"""The plain view: text of 80 columns, without an escape code."""

import io

from course_help import make

from netbasics.course import events
from netbasics.course.engine import play
from netbasics.course.events import Output, Pause
from netbasics.course.plain import PlainView

STEPS = '''

@lesson.step
def shows():
    """Shows.

    A paragraph with **strong** words that is so long that it has to be
    wrapped at the eightieth column, which is not where it is broken here.

    - an item
    - another, also so long that it has to be wrapped somewhere at the eightieth

    ```
    a picture   ->   as it is
    ```
    """
    print("one\\ntwo")
    print("\\r10 %\\r100 %")


@lesson.step
def fails():
    """Fails."""
    1 / 0


lesson.ends("The end.")
'''


def played(tmp_path, encoding="utf-8"):
    lesson = make(tmp_path, STEPS)
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding, errors="strict", newline="\n")
    play(lesson, lesson.steps, PlainView(stream))
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_lesson_as_text(tmp_path):
    text = played(tmp_path)
    assert "\x1b" not in text
    # A traceback's paths are as long as they are.
    lines = [line for line in text.splitlines() if ' File "' not in line]
    assert max(map(len, lines)) <= 80
    assert "Lesson 7: Small\n" in text
    assert "Step 1 of 2: Shows\n" in text
    assert "with strong words" in text
    assert "\n    a picture   ->   as it is\n" in text
    assert "\n  | one\n  | two\n  | 100 %\n" in text
    assert "This step failed:" in text
    assert "ZeroDivisionError" in text
    assert "The end." in text
    assert "Small: 2 steps ran for" in text
    assert "failed: 2" in text


def test_no_line_ends_in_blanks(tmp_path):
    assert all(line == line.rstrip() for line in played(tmp_path).splitlines())


def test_ascii_is_enough(tmp_path):
    assert played(tmp_path, "ascii").isascii()


def test_output_in_pieces_is_put_together_by_line():
    stream = io.StringIO()
    view = PlainView(stream)
    for piece in ["a", "b\nc", "\r", "d", "\n\ne"]:
        view.show(Output(piece))
    view.show(events.Prose("after"))
    assert stream.getvalue() == "  | ab\n  | d\n  |\n  | e\n\nafter\n\n"


def test_it_asks_only_where_someone_answers():
    class Keyboard:
        moves = True

        def ask(self, draw, at_once):
            draw()
            return "q"

    out = io.StringIO()
    assert PlainView(out).wait(Pause("run")) == "go"
    assert out.getvalue() == ""
    assert PlainView(out, Keyboard()).wait(Pause("run")) == "leave"
    assert "Enter: run" in out.getvalue()
