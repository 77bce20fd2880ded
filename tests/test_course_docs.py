"""The example lesson in docs/course.md is a lesson that plays."""

import re
from pathlib import Path

from course_help import Notes

from netbasics.course import locate
from netbasics.course.engine import play

PAGE = Path(__file__).parent.parent / "docs" / "course.md"


def test_the_example_plays_and_prints_what_the_server_said(tmp_path):
    (source,) = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S
    )
    path = tmp_path / "knocking.py"
    path.write_text(source, "utf-8")
    lesson = locate.load(path)
    notes = Notes()
    assert play(lesson, lesson.steps, notes) == ()
    assert notes.output() == "b'Welcome\\n'\n"
