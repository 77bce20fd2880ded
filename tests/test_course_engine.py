"""The engine runs steps and tells what happens."""

import sys

import pytest
from course_help import Notes, make

from netbasics.course import events, locate
from netbasics.course.engine import Left, OutputLost, play, run_step
from netbasics.course.plain import verdict

STEPS = '''

@lesson.step
def good():
    """Good.

    It prints.
    """
    value = 41 + 1
    print(value)

    """And again, with the same names."""
    print(value + 1)


@lesson.step
def bad():
    """Bad."""
    print("before")
    {}["missing"]


@lesson.step
def last():
    """Last."""
    print("value" in globals())
'''


def test_events_come_in_the_order_of_the_lesson(tmp_path):
    lesson = make(tmp_path, STEPS)
    notes = Notes()
    play(lesson, lesson.steps[:1], notes)
    told = [kind for kind in notes.kinds() if kind != "Output"]
    assert told == [
        "LessonBegan",
        "StepBegan",
        "Prose",
        "Code",
        "Prose",
        "Code",
        "StepEnded",
        "LessonEnded",
    ]
    assert notes.output() == "42\n43\n"


def test_a_failing_step_does_not_end_the_lesson(tmp_path):
    lesson = make(tmp_path, STEPS)
    notes = Notes()
    failed = play(lesson, lesson.steps, notes)
    assert [step.name for step in failed] == ["bad"]
    assert [e.outcome for e in notes.only(events.StepEnded)] == [
        "done",
        "failed",
        "done",
    ]
    (failure,) = notes.only(events.Failed)
    assert isinstance(failure.error, KeyError)
    assert "engine.py" not in failure.traceback
    assert '{}["missing"]' in failure.traceback


def test_names_stay_within_a_step_and_can_be_looked_at(tmp_path):
    lesson = make(tmp_path, STEPS)
    notes = Notes()
    play(lesson, lesson.steps, notes)
    assert notes.only(events.StepEnded)[0].names["value"] == 42
    assert notes.output().endswith("False\n")


def test_a_step_whose_need_is_missing_is_skipped_with_the_reason(tmp_path):
    lesson = make(
        tmp_path,
        '\n\n@lesson.step(needs=[Need("a moon", lambda: False)])\n'
        'def far():\n    """Far."""\n    1 / 0\n',
    )
    notes = Notes()
    assert run_step(lesson, lesson.steps[0], notes).outcome == "skipped"
    assert notes.only(events.Skipped)[0].reason == "needs a moon"
    assert not notes.only(events.Code)


def test_leaving_is_possible_before_a_step_and_before_code(tmp_path):
    lesson = make(tmp_path, STEPS)
    for answers, name in [(["leave"], "good"), (["go", "go", "leave"], "good")]:
        notes = Notes(*answers)
        with pytest.raises(Left) as left:
            play(lesson, lesson.steps, notes)
        assert left.value.step.name == name
    notes = Notes("go", "go", "go", "leave")
    with pytest.raises(Left) as left:
        play(lesson, lesson.steps, notes)
    assert left.value.step.name == "bad"


def test_an_interrupt_in_a_step_tells_where_it_was(tmp_path):
    lesson = make(
        tmp_path,
        '\n\n@lesson.step\ndef f():\n    """F."""\n'
        "    raise KeyboardInterrupt\n",
    )
    with pytest.raises(Left) as left:
        play(lesson, lesson.steps, Notes())
    assert left.value.step.name == "f"


@pytest.mark.parametrize(
    "error", ["SystemExit(3)", "__import__('asyncio').CancelledError"]
)
def test_whatever_a_step_raises_is_a_failure_not_the_end(tmp_path, error):
    lesson = make(
        tmp_path,
        f'\n\n@lesson.step\ndef f():\n    """F."""\n    raise {error}\n',
    )
    assert len(play(lesson, lesson.steps, Notes())) == 1


def test_both_streams_of_all_threads_are_told_and_given_back(tmp_path):
    lesson = make(
        tmp_path,
        '''

@lesson.step
def talk():
    """Talk."""
    import sys, threading
    print("to stderr", file=sys.stderr)
    thread = threading.Thread(target=print, args=["from a thread"])
    thread.start()
    thread.join()
''',
    )
    before = sys.stdout, sys.stderr
    notes = Notes()
    play(lesson, lesson.steps, notes)
    assert (sys.stdout, sys.stderr) == before
    assert notes.output() == "from a thread\n"
    assert notes.output("stderr") == "to stderr\n"


def test_a_lost_view_is_not_mistaken_for_the_steps_own_error(tmp_path):
    lesson = make(
        tmp_path,
        '''

@lesson.step
def careful():
    """Careful."""
    try:
        print("hello")
    except OSError:
        print("mistaken")
''',
    )

    class Gone(Notes):
        def show(self, event):
            if isinstance(event, events.Output):
                raise BrokenPipeError
            super().show(event)

    with pytest.raises(OutputLost):
        play(lesson, lesson.steps, Gone())


def test_lines_are_told_whole_and_a_flush_tells_what_is_begun(tmp_path):
    lesson = make(
        tmp_path,
        '''

@lesson.step
def slowly():
    """Slowly."""
    print("a", "b")
    print("50 %", end="", flush=True)
    print("the end", end="")
''',
    )
    notes = Notes()
    play(lesson, lesson.steps, notes)
    texts = [event.text for event in notes.only(events.Output)]
    assert texts == ["a b\n", "50 %", "the end"]


def test_what_a_server_logs_is_not_printed_into_a_lesson(tmp_path):
    lesson = make(
        tmp_path,
        '''

@lesson.step
def logs():
    """Logs."""
    import logging
    logging.getLogger("netbasics.servers").error("trouble")
    print("shown")
''',
    )
    notes = Notes()
    play(lesson, lesson.steps, notes)
    assert notes.output() == "shown\n"
    assert notes.output("stderr") == ""


def test_what_was_skipped_is_counted(tmp_path):
    lesson = make(
        tmp_path,
        '\n\n@lesson.step(needs=[Need("a moon", lambda: False)])\n'
        'def far():\n    """Far."""\n    1 / 0\n',
    )
    notes = Notes()
    play(lesson, lesson.steps, notes)
    (ended,) = notes.only(events.LessonEnded)
    assert (ended.played, ended.skipped, ended.failed) == (1, 1, ())
    assert verdict(ended).endswith(", 1 skipped, all done")


def test_a_script_that_fails_to_load_leaves_no_module(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        locate.load(script)
    assert "netbasics_lesson_broken" not in sys.modules
