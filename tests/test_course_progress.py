"""What is remembered of a learner: steps, predictions, where to go on."""

import json
from contextlib import suppress

import pytest
from course_help import Notes, make

from netbasics.course import events
from netbasics.course.engine import Left, play
from netbasics.course.listeners import Shared
from netbasics.course.progress import Progress, Recorder

STEPS = '''

@lesson.step(ask=Choice("Which?", {"a": "A.", "b": "B."}, truth="b"))
def first():
    """First."""
    print("1")


@lesson.step
def second():
    """Second."""
    1 / 0


@lesson.step
def third():
    """Third."""
    print("3")
'''
NAME = "07_small"


@pytest.fixture
def played(tmp_path):
    """Plays the lesson with some answers; returns what is remembered."""
    lesson = make(tmp_path, STEPS)

    def play_it(*answers, begin=0):
        progress = Progress()
        view = Shared(Notes(*answers), [Recorder(progress)])
        with suppress(Left):
            play(lesson, lesson.steps, view, begin=begin)
        return progress

    play_it.lesson = lesson
    return play_it


def test_nothing_played_is_nothing_remembered(played, learners_folder):
    progress = Progress()
    assert progress.where(played.lesson) is None
    assert progress.latest([NAME]) is None
    assert progress.done(NAME) == set()
    assert not learners_folder.exists()


def test_a_step_begun_is_where_one_goes_on(played):
    progress = played("go", "leave")
    assert progress.where(played.lesson).name == "first"
    assert progress.done(NAME) == set()


def test_a_step_ended_leads_to_the_next(played):
    progress = played("go", "go", "leave")
    assert progress.where(played.lesson).name == "second"
    assert progress.done(NAME) == {"first"}
    assert progress.latest([NAME]) == (NAME, "second")
    assert progress.latest(["other"]) is None


def test_at_its_end_a_lesson_begins_anew(played):
    progress = played(*["go"] * 8)
    assert progress.where(played.lesson) is None
    assert progress.latest([NAME]) is None
    assert progress.done(NAME) == {"first", "third"}
    assert progress.of(NAME)["steps"]["second"]["outcome"] == "failed"


def test_predictions_are_kept_with_what_was_true(played, learners_folder):
    played("go", events.Answer("a"), "again", events.Answer("b"), "leave")
    text = (learners_folder / "progress.json").read_text("utf-8")
    step = json.loads(text)["lessons"][NAME]["steps"]["first"]
    kept = [(p["answer"], p["truth"], p["right"]) for p in step["predictions"]]
    assert kept == [("a", "b", False), ("b", "b", True)]
    assert all("T" in p["when"] for p in step["predictions"])


def test_a_question_not_answered_is_not_kept(played):
    progress = played("go", "go", "leave")
    assert progress.of(NAME)["steps"]["first"]["predictions"] == []


def test_what_was_done_stays_done(played):
    played("go", "go", "leave")
    progress = played("go", "leave")
    assert progress.done(NAME) == {"first"}
    assert progress.where(played.lesson).name == "first"


@pytest.mark.parametrize(
    "lessons",
    [
        [],
        {"07_small": []},
        {"07_small": {"at": 3, "when": "", "steps": {}}},
        {"07_small": {"at": None, "when": "", "steps": {"first": {}}}},
    ],
)
def test_a_file_of_another_shape_is_set_aside(played, learners_folder, lessons):
    learners_folder.mkdir()
    path = learners_folder / "progress.json"
    path.write_text(json.dumps({"version": 1, "lessons": lessons}))
    progress = played("go", "go", "leave")
    assert progress.done(NAME) == {"first"}
    assert "set aside" in progress.notices[0]
    assert (learners_folder / "progress.json.damaged-1").exists()


def test_a_step_that_was_renamed_is_forgotten(played, learners_folder):
    played("go", "go", "leave")
    path = learners_folder / "progress.json"
    path.write_text(path.read_text().replace('"second"', '"renamed"'))
    assert Progress().where(played.lesson) is None
