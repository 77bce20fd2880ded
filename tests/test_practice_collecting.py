"""pytest in a learner's folder: each check one item, in its own process."""

import os
import subprocess
import sys

import pytest
from practice_help import RIGHT, SQUARED, exercise

from netbasics.practice import catalogue
from netbasics.practice.making import init
from netbasics.practice.workspace import Workspace

# The exercises of a test instead of the real ones: what the folder's conftest
# imports asks the catalogue for them.
OURS = """\
from pathlib import Path
from netbasics.practice import catalogue, collecting
catalogue.folder = lambda: Path({folder!r})
"""


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    exercise(folder)
    second = exercise(folder, "twice")
    toml = second.place / "exercise.toml"
    toml.write_text(
        toml.read_text().replace('"1.1"', '"1.2"') + "\n",
    )
    for path in (second.stub, second.test):
        path.write_text(path.read_text().replace("double", "twice"))
    return [
        catalogue.read(path.parent)
        for path in sorted(folder.glob("*/*/exercise.toml"))
    ]


@pytest.fixture
def work(course, tmp_path):
    init(tmp_path / "mine", course)
    conftest = tmp_path / "mine" / "conftest.py"
    ours = OURS.format(folder=str(tmp_path / "course"))
    conftest.write_text(ours + conftest.read_text())
    return Workspace(tmp_path / "mine", course)


def run(work, *arguments):
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTEST") and name != "COLUMNS"
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=work.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_what_is_not_written_is_a_line_each(work):
    done = run(work)
    assert done.returncode == 1
    assert "2 failed" in done.stdout
    lines = done.stdout.splitlines()
    assert "1.1 double is not written yet: Double a number." in lines
    assert "1.2 twice is not written yet: Double a number." in lines
    assert "Traceback" not in done.stdout
    assert "____" not in done.stdout


def test_a_pass_and_a_failure(work):
    first, second = work.course
    work.file(first).write_text(RIGHT)
    work.file(second).write_text(SQUARED.replace("double", "twice"))
    done = run(work)
    assert "1 failed, 1 passed" in done.stdout
    assert "It was squared." in done.stdout
    assert "expected: it returns 6" in done.stdout
    assert "collecting.py" not in done.stdout
    assert work.done() == set()  # only `check` and `practice` say so


@pytest.mark.parametrize(
    "source", ["import os; os._exit(0)", "import sys; sys.exit()", "1 +"]
)
def test_a_crash_is_one_failure_and_the_run_goes_on(work, source):
    first, second = work.course
    work.file(first).write_text(source)
    work.file(second).write_text(RIGHT.replace("double", "twice"))
    done = run(work)
    assert "1 failed, 1 passed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        (["01_socket_programming"], "2 failed"),
        (["01_socket_programming/1_double/test_double.py"], "1 failed"),
        (["01_socket_programming/1_double/double.py"], "1 failed"),
        (["01_socket_programming/1_double/test_double.py::double"], "1 failed"),
        (["-k", "twice"], "1 failed, 1 deselected"),
        (["-x"], "1 failed"),
        (["-W", "error"], "2 failed"),
    ],
    ids=" ".join,
)
def test_what_is_asked_for_is_run(work, arguments, summary):
    done = run(work, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{summary} in" in done.stdout


def test_the_learners_copy_of_the_test_is_what_pytest_runs(work):
    first, _ = work.course
    work.test(first).write_text("def test_it(check):\n    pass\n")
    work.file(first).write_text(SQUARED)
    assert "1 passed" in run(work, "-k", "double").stdout


def test_a_test_of_the_learners_own_is_a_test_as_any(work):
    own = work.folder / "test_own.py"
    own.write_text("def test_mine():\n    assert 1 == 2\n")
    done = run(work, "test_own.py")
    assert "assert 1 == 2" in done.stdout


def test_a_missing_file_says_how_to_get_it_back(work):
    work.file(work.course[0]).unlink()
    done = run(work, "-k", "double")
    assert "netbasics reset double" in done.stdout


def test_old_versions_are_not_collected(work):
    first, _ = work.course
    work.file(first).write_text("anything")
    work.reset(first)
    assert "2 failed" in run(work).stdout
