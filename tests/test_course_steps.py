"""A step function becomes prose and code."""

import pytest
from course_help import make

from netbasics.course.steps import Need

THREE = '''

@lesson.step
def three_parts():
    """Three parts.

    Before the first.
    """
    # A comment at the start.
    x = 1
    print(x)

    """Between them."""
    if x:
        print("two")
        # A comment at the end.

    """After all."""
'''


def test_title_prose_and_code_are_told_apart(tmp_path):
    (step,) = make(tmp_path, THREE).steps
    assert (step.number, step.name) == (1, "three_parts")
    assert step.title == "Three parts"
    assert [part.prose for part in step.parts] == [
        "Before the first.",
        "Between them.",
        "After all.",
    ]
    first, second, last = step.parts
    assert first.source == "# A comment at the start.\nx = 1\nprint(x)"
    assert second.source.endswith("    # A comment at the end.")
    assert (last.source, last.code) == ("", None)


def test_a_part_knows_its_line_in_the_file(tmp_path):
    lesson = make(tmp_path, THREE)
    lines = lesson.text.splitlines()
    for part in lesson.steps[0].parts[:2]:
        first = part.source.splitlines()[0]
        assert lines[part.line - 1].strip() == first.strip()


def test_a_step_without_prose_has_its_code_only(tmp_path):
    lesson = make(
        tmp_path, '\n\n@lesson.step\ndef bare():\n    """Bare."""\n    x = 1\n'
    )
    (part,) = lesson.steps[0].parts
    assert (part.prose, part.source) == ("", "x = 1")


def test_options_of_a_step(tmp_path):
    lesson = make(
        tmp_path,
        '\n\n@lesson.step(deeper=True, needs=[Need("a moon", lambda: False)])\n'
        'def far():\n    """Far."""\n    x = 1\n',
    )
    (step,) = lesson.steps
    assert step.deeper
    assert step.missing() == "needs a moon"


def test_what_is_met_is_not_missing(tmp_path):
    lesson = make(
        tmp_path,
        '\n\n@lesson.step(needs=[Need("air", lambda: True)])\n'
        'def near():\n    """Near."""\n    x = 1\n',
    )
    assert lesson.steps[0].missing() is None


def test_several_needs_are_named_together(tmp_path):
    lesson = make(
        tmp_path,
        "\n\n@lesson.step(needs=[Need('a', lambda: False), "
        "Need('b', lambda: False)])\n"
        'def far():\n    """Far."""\n    x = 1\n',
    )
    assert lesson.steps[0].missing() == "needs a and b"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('def f(x):\n    """T."""\n', "takes arguments"),
        ("def f():\n    x = 1\n", "no docstring"),
        ('def f(*x):\n    """T."""\n', "takes arguments"),
        ('def f():\n    """T."""\n    return\n', "'return' outside"),
        ('def f():\n    """T."""\n    if 1:\n        return\n', "line 17"),
        ('async def f():\n    """T."""\n', "no plain `def`"),
    ],
)
def test_what_cannot_be_a_step_is_refused(tmp_path, body, words):
    lesson = make(tmp_path, f"\n\n@lesson.step\n{body}")
    with pytest.raises(ValueError, match=words):
        _ = lesson.steps


def test_a_step_is_a_function(tmp_path):
    with pytest.raises(TypeError, match="a step is a function, not"):
        make(tmp_path, "").step(7)


def test_imports_are_listed_without_the_engine(tmp_path):
    assert make(tmp_path, THREE).imports == "import socket"


def test_need_is_a_value():
    def always() -> bool:
        return True

    assert Need("x", always) == Need("x", always)
