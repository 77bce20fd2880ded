"""The engine runs steps and tells what happens."""

import sys

import pytest
from course_help import Notes, make

from netbasics.course import events, locate
from netbasics.course.engine import Left, OutputLost, play, run_step
from netbasics.course.texts import how_it_went

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
    assert how_it_went(ended).endswith(", 1 skipped, all done")


def test_a_script_that_fails_to_load_leaves_no_module(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("1 / 0\n")
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        locate.load(script)
    assert "netbasics_lesson_broken" not in sys.modules


ASKING = '''

@lesson.step(
    ask=Choice(
        "Which?",
        {"one": "It was not.", "two": "It was."},
        truth=lambda ran: ran.found,
    )
)
def asks():
    """Asks."""
    found = "two"


lesson.ends("The end.")
'''
OPEN = '''

@lesson.step
def opens():
    """Opens."""
    with socket.socket() as outer, socket.socket() as inner:
        with outer:
            print("inside")

    """Why."""


@lesson.step
def after():
    """After."""
    print("after")
'''


def test_a_question_is_asked_below_the_code_and_answered_by_the_run(tmp_path):
    lesson = make(tmp_path, ASKING)
    notes = Notes("go", events.Answer("one"), "go")
    play(lesson, lesson.steps, notes)
    kinds = notes.kinds()
    assert kinds.index("Code") < kinds.index("Asked") < kinds.index("Answered")
    assert notes.pauses[1].question is lesson.steps[0].parts[0].question
    (answered,) = notes.only(events.Answered)
    assert answered.verdict.given == "one"
    assert answered.verdict.right is False
    assert answered.verdict.reply == "It was not."


def test_a_question_that_nobody_answers_is_no_failure(tmp_path):
    lesson = make(tmp_path, ASKING)
    for notes in (Notes(), Notes("go", "go", "go")):
        assert play(lesson, lesson.steps, notes) == ()
        assert notes.only(events.Answered)[0].verdict.given is None


def test_a_question_that_the_run_cannot_decide_is_a_failure(tmp_path):
    lesson = make(tmp_path, ASKING.replace("ran.found", "ran.missing"))
    notes = Notes()
    assert len(play(lesson, lesson.steps, notes)) == 1
    assert "missing" in notes.only(events.Failed)[0].traceback


class Looking(Notes):
    """Notes what is open at each pause."""

    def __init__(self, *answers):
        super().__init__(*answers)
        self.open = []

    def show(self, event):
        super().show(event)
        if isinstance(event, events.AtPrompt):
            names = event.names
            self.open.append((names["outer"].fileno(), names["inner"].fileno()))


def test_a_learner_finds_the_with_blocks_open(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Looking("go", "go", "python", "go", "go", "go")
    play(lesson, lesson.steps, notes)
    ((outer, inner),) = notes.open
    assert outer > 0
    assert inner > 0
    (first, _) = notes.only(events.StepEnded)
    assert first.names["outer"].fileno() == -1
    # What comes behind the code is read while they are open.
    assert notes.kinds().index("AtPrompt") > notes.kinds().index("Prose")


def test_the_names_at_the_prompt_are_those_of_the_step_alone(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Notes("go", "go", "python", "go", "go", "go")
    play(lesson, lesson.steps, notes)
    (prompt,) = notes.only(events.AtPrompt)
    prompt.names["outer"] = "changed"
    for ended in notes.only(events.StepEnded):
        assert ended.names.get("outer") != "changed"
        assert "__before_closing__" not in ended.names
    assert "__before_closing__" not in prompt.names


def test_leaving_inside_a_with_block_closes_it(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Notes("go", "go", "leave")
    with pytest.raises(Left) as left:
        play(lesson, lesson.steps, notes)
    assert left.value.step.name == "after"
    assert notes.only(events.StepEnded)[0].names["inner"].fileno() == -1


def test_an_interrupt_inside_a_with_block_closes_it(tmp_path):
    class Impatient(Looking):
        def wait(self, pause):
            answer = super().wait(pause)
            if answer == "go" and self.open:
                raise KeyboardInterrupt
            return answer

    lesson = make(tmp_path, OPEN)
    notes = Impatient("go", "go", "python", "go")
    with pytest.raises(Left) as left:
        play(lesson, lesson.steps, notes)
    assert left.value.step.name == "after"
    assert notes.only(events.StepEnded)[0].names["inner"].fileno() == -1


def test_a_step_is_run_again_and_one_goes_back(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Notes(
        *["go", "go", "again"],  # the first, once more:
        *["go", "go"],  # then the second, and back:
        *["go", "back"],
        *["go", "go", "go", "go"],
    )
    play(lesson, lesson.steps, notes)
    began = [event.step.name for event in notes.only(events.StepBegan)]
    assert began == ["opens", "opens", "after", "opens", "after"]
    (ended,) = notes.only(events.LessonEnded)
    assert ended.played == 2


def test_nobody_can_go_back_beyond_the_first_step(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Notes("go", "back", "back", "leave")
    with pytest.raises(Left):
        play(lesson, lesson.steps, notes)
    began = [event.step.name for event in notes.only(events.StepBegan)]
    assert began == ["opens"] * 3


def test_a_step_that_did_not_work_can_be_repaired_by_running_again(tmp_path):
    steps = """

count = []


@lesson.step
def flaky():
    \"\"\"Flaky.\"\"\"
    count.append(1)
    assert len(count) == 2
"""
    lesson = make(tmp_path, steps)
    assert play(lesson, lesson.steps, Notes("go", "go", "again", "go")) == ()


def test_the_code_is_shown_again(tmp_path):
    lesson = make(tmp_path, STEPS)
    notes = Notes("go", "go", "code", "leave")
    with pytest.raises(Left):
        play(lesson, lesson.steps, notes)
    codes = [event.source for event in notes.only(events.Code)]
    assert len(codes) == 4
    assert codes[2:] == codes[:2]


def test_the_wire_shows_what_a_step_sent(tmp_path):
    steps = """

@lesson.step
def talks():
    \"\"\"Talks.\"\"\"
    from netbasics import servers, sockets
    with servers.EchoServer() as server:
        print(sockets.ask(server.address, b"over the wire"))
"""
    lesson = make(tmp_path, steps)
    notes = Notes("go", "go", "wire", "go")
    play(lesson, lesson.steps, notes)
    (wire,) = notes.only(events.Wire)
    assert "over the wire" in wire.drawing.diagram(width=76)


def test_what_threads_print_at_a_pause_waits_for_its_end(tmp_path):
    steps = """

@lesson.step
def talks():
    \"\"\"Talks.\"\"\"
    from concurrent.futures import ThreadPoolExecutor
    import threading
    paused, printed = threading.Event(), threading.Event()
    def late():
        paused.wait(10)
        print("late")
        printed.set()
    with ThreadPoolExecutor() as pool:
        pool.submit(late)
        print("early")
"""

    class Slow(Notes):
        def wait(self, pause):
            answer = super().wait(pause)
            if answer == "go" and self.only(events.AtPrompt):
                names = self.only(events.AtPrompt)[0].names
                names["paused"].set()
                assert names["printed"].wait(10)
                assert self.output() == "early\n"
            return answer

    lesson = make(tmp_path, steps)
    notes = Slow("go", "go", "python", "go")
    play(lesson, lesson.steps, notes)
    assert notes.output() == "early\nlate\n"


def test_a_prompt_has_the_real_streams(tmp_path):
    real = sys.stdout
    seen = []

    class Prompt(Notes):
        def show(self, event):
            super().show(event)
            if isinstance(event, events.AtPrompt):
                seen.append(sys.stdout)

    lesson = make(tmp_path, OPEN)
    answers = ["python", "go"] * 4
    play(lesson, lesson.steps, Prompt("go", *answers))
    assert seen == [real] * 4


def test_going_on_in_the_middle_leaves_the_way_back_open(tmp_path):
    lesson = make(tmp_path, OPEN)
    notes = Notes("back", "leave")
    with pytest.raises(Left):
        play(lesson, lesson.steps, notes, begin=1)
    began = [event.step.name for event in notes.only(events.StepBegan)]
    assert began == ["after", "opens"]
    assert not notes.only(events.LessonBegan)[0].introduce
