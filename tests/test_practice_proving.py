"""`course check` notices what is wrong with an exercise."""

import os
import subprocess
import sys

import pytest
from practice_help import RIGHT, STUB, exercise

from netbasics.practice import catalogue
from netbasics.practice.proving import busy, prove
from netbasics.practice.reviewing import review


def proof_of(tmp_path, **files):
    [proof] = prove([exercise(tmp_path, **files)], times=2)
    return proof


def test_a_sound_exercise(tmp_path):
    proof = proof_of(tmp_path)
    assert proof.reasons == []
    assert proof.right("stub") == (1, 1)
    assert proof.right("solution") == (2, 2)
    assert proof.right("mistake") == (3, 3)
    assert 0 < proof.seconds < 30


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"double__py": STUB.replace("raise", "return  # ")}, "stub is"),
        ({"solution__py": "def double(number): return 1"}, "is refused"),
        ({"alternatives__sum__py": "def double(n): return 1"}, "is refused"),
        ({"mistakes__same__py": RIGHT}, "this mistake passes"),
        (
            {"mistakes__squared__py": "def double(number): return 1"},
            "does not say 'It was squared'",
        ),
        ({"mistakes__same__py": STUB}, "does not say"),
    ],
)
def test_what_a_run_shows(tmp_path, files, reason):
    proof = proof_of(tmp_path, **files)
    assert any(reason in text for text in proof.reasons), proof.reasons


@pytest.mark.parametrize(
    ("path", "old", "new", "flaw"),
    [
        ("exercise.toml", '"The idea.", ', "", "2 hints"),
        ("exercise.toml", '"Doubling"', '"Twice"', "docstring is not"),
        ("exercise.toml", "same = ", "sane = ", "sane.py, which is not there"),
        ("exercise.toml", "same = ", "sane = ", "same.py is not named"),
        ("exercise.toml", '"Twice is two times."', '""', "no explanation"),
        ("double.py", "        number: A number.\n", "", "what number is"),
        ("double.py", "Double a number.", "Double a number", "no sentence"),
        ("double.py", "def double", "def other", "there is no 'double'"),
        ("test_double.py", '"""No peer is needed."""', "", "does not say what"),
        ("test_double.py", "def test_", "def probe_", "has no test"),
        ("solution.py", "(number)", "(value)", "other parameters"),
    ],
)
def test_what_the_files_show(tmp_path, path, old, new, flaw):
    made = exercise(tmp_path)
    file = made.place / path
    file.write_text(file.read_text().replace(old, new))
    flaws = review(catalogue.read(made.place))
    assert any(flaw in text for text in flaws), flaws


def test_what_is_missing(tmp_path):
    made = exercise(tmp_path)
    for path in (made.solution, made.test, *made.alternatives):
        path.unlink()
    flaws = review(made)
    assert "there is no solution.py" in flaws
    assert "there is no test_double.py" in flaws
    assert any("alternatives/" in text for text in flaws)


def test_our_own_exercise_is_complete(tmp_path):
    assert review(exercise(tmp_path)) == []


def test_the_busy_processes_end_with_the_block():
    def children():
        done = subprocess.run(
            ["ps", "--ppid", str(os.getpid()), "-o", "args="],
            capture_output=True,
            text=True,
            check=False,
        )
        return [ln for ln in done.stdout.splitlines() if sys.executable in ln]

    before = len(children())
    with busy(2):
        assert len(children()) == before + 2
    assert len(children()) == before
