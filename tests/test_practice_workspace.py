"""The learner's folder: made, found again, never written over."""

import json
import shutil

import pytest
from practice_help import RIGHT, STUB, TEST, exercise

from netbasics.places import home
from netbasics.practice.making import init
from netbasics.practice.workspace import MARK, NoWorkspace, Workspace


@pytest.fixture
def double(tmp_path):
    return exercise(tmp_path / "course")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mine"


@pytest.fixture
def work(folder, double):
    init(folder, [double])
    return Workspace(folder, [double])


PLACE = "01_socket_programming/1_double"


def everything(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_has_stubs_and_tests_in_order_and_nothing_else_to_set_up(work):
    assert everything(work.folder).keys() == {
        *("README.md", "conftest.py", "pytest.ini", MARK),
        f"{PLACE}/double.py",
        f"{PLACE}/test_double.py",
    }


def test_a_second_time_adds_what_is_missing_and_changes_nothing(work, double):
    work.file(double).write_text(RIGHT)
    work.passed(double)
    work.test(double).unlink()
    before = everything(work.folder)
    made = init(work.folder, [double])
    assert made.written == [f"{PLACE}/test_double.py"]
    assert f"{PLACE}/double.py" in made.left
    after = everything(work.folder)
    assert after.pop(f"{PLACE}/test_double.py").decode() == TEST
    assert after == before


def test_a_folder_with_other_things_is_fine(folder, double):
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    made = init(folder, [double])
    assert made.others
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "01_socket_programming", PLACE])
def test_a_file_in_the_way_is_an_error_and_nothing_is_written(
    folder, double, name
):
    blocker = folder / name if name else folder
    blocker.parent.mkdir(parents=True, exist_ok=True)
    blocker.write_text("in the way")
    before = everything(folder.parent)
    with pytest.raises(NotADirectoryError, match="is a file"):
        init(folder, [double])
    assert everything(folder.parent) == before


def test_a_link_to_nowhere_is_not_written_through(folder, double, tmp_path):
    (folder / PLACE).mkdir(parents=True)
    (folder / PLACE / "double.py").symlink_to(tmp_path / "nowhere")
    init(folder, [double])
    assert not (tmp_path / "nowhere").exists()


def test_it_is_found_from_within_and_from_anywhere(work, tmp_path, double):
    within = work.file(double).parent
    assert Workspace.find(within).folder == work.folder
    assert Workspace.find(tmp_path).folder == work.folder


def test_without_one_the_error_says_what_makes_one(tmp_path):
    with pytest.raises(NoWorkspace, match="netbasics init"):
        Workspace.find(tmp_path)


def test_one_that_is_gone_is_named(work, tmp_path):
    shutil.rmtree(work.folder)
    with pytest.raises(NoWorkspace, match="mine, made last, is gone"):
        Workspace.find(tmp_path)


def test_the_learners_own_folder_is_no_workspace(work):
    assert (home() / MARK).is_file()
    assert Workspace.find(home()).folder == work.folder


def test_it_can_be_moved_and_copied(work, tmp_path, double):
    work.passed(double)
    assert str(work.folder) not in (work.folder / MARK).read_text()
    moved = tmp_path / "elsewhere"
    work.folder.rename(moved)
    again = Workspace(Workspace.find(moved).folder, [double])
    assert again.done() == {"double"}


def test_what_is_remembered(work, double):
    assert work.current() == double
    work.hinted(double, 2)
    work.hinted(double, 1)
    work.showed_solution(double)
    work.passed(double)
    state = work.state(double)
    assert state.hints == 2
    assert state.spoiled
    first = state.done
    work.passed(double)
    assert work.state(double).done == first
    assert work.current() is None
    assert "1 of 1 done" in repr(work)


def test_a_solution_seen_after_the_pass_spoils_nothing(work, double):
    work.passed(double)
    work.showed_solution(double)
    assert work.state(double).spoiled is None


@pytest.mark.parametrize(
    "damage",
    ["{", '{"version": 1, "exercises": []}', '{"version": 99}', "\xff"],
)
def test_a_damaged_record_is_set_aside_and_the_folder_still_found(
    work, double, damage
):
    (work.folder / MARK).write_bytes(damage.encode("latin-1"))
    found = Workspace.find(work.folder)
    assert found.folder == work.folder
    assert found.done() == set()
    assert any("was set aside" in notice for notice in found.notices)
    assert json.loads((work.folder / MARK).read_text())["exercises"] == {}
    assert list(work.folder.glob(f"{MARK}.*-1"))


def test_reset_keeps_the_learners_versions(work, double):
    file = work.file(double)
    names = []
    for text in ("first", "second"):
        file.write_text(text)
        names.append(work.reset(double).name)
    assert names == ["double.1.py", "double.2.py"]
    assert (file.parent / "double.2.py").read_text() == "second"
    assert file.read_text() == STUB


def test_reset_of_an_untouched_or_missing_file_keeps_nothing(work, double):
    assert work.reset(double) is None
    work.file(double).unlink()
    assert work.reset(double) is None
    assert work.file(double).read_text() == STUB


def test_reset_brings_a_changed_test_back(work, double):
    work.test(double).write_text("def test_it(): pass")
    work.reset(double)
    assert work.test(double).read_text() == TEST
