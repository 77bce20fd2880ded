"""`netbasics export`: what it writes, and what it refuses to overwrite."""

import json
import os
import subprocess
import sys

import pytest
from course_help import python, write

STEP = '''

@lesson.step
def one():
    """One."""
    print("it ran", 6 * 7)
'''


@pytest.fixture
def lesson(tmp_path):
    return write(tmp_path, STEP)


def export(folder, *arguments, **options):
    return subprocess.run(
        python("-m", "netbasics", "export", *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=50,
        cwd=folder,
        check=False,
        **options,
    )


def said(process):
    return (process.stdout + process.stderr).decode()


def test_a_notebook_and_a_page_are_called_as_the_lesson_is(lesson, tmp_path):
    done = export(tmp_path, lesson, "--ipynb")
    assert done.returncode == 0, said(done)
    assert done.stdout == b"Wrote 07_small.ipynb\n"
    document = json.loads((tmp_path / "07_small.ipynb").read_text("utf-8"))
    assert document["nbformat"] == 4
    assert all(not cell.get("outputs") for cell in document["cells"])
    done = export(tmp_path, lesson, "--md")
    assert done.returncode == 0, said(done)
    page = (tmp_path / "07_small.md").read_text("utf-8")
    assert "```text\nit ran 42\n```" in page
    assert sorted(path.name for path in tmp_path.glob("*small*")) == [
        "07_small.ipynb",
        "07_small.md",
        "07_small.py",
    ]


@pytest.mark.parametrize("form", ["--ipynb", "--md"])
def test_a_file_that_is_there_is_kept_unless_forced(lesson, tmp_path, form):
    target = tmp_path / "mine"
    target.write_text("my notes", "utf-8")
    done = export(tmp_path, lesson, form, "-o", "mine")
    assert done.returncode == 2
    assert "--force" in said(done)
    assert target.read_text("utf-8") == "my notes"
    done = export(tmp_path, lesson, form, "-o", "mine", "--force")
    assert done.returncode == 0, said(done)
    assert "it ran" in target.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX modes")
def test_others_may_read_what_is_exported(lesson, tmp_path):
    done = export(tmp_path, lesson, "--ipynb", umask=0o022)
    assert done.returncode == 0, said(done)
    mode = (tmp_path / "07_small.ipynb").stat().st_mode
    assert mode & 0o777 == 0o644


def test_a_dash_is_the_standard_output_in_utf_8(lesson, tmp_path):
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for form, place in (("--md", "it ran 42"), ("--ipynb", '"nbformat": 4')):
        done = export(tmp_path, lesson, form, "-o", "-", env=env)
        assert done.returncode == 0, said(done)
        assert place in done.stdout.decode("utf-8")
        assert done.stderr == b""
    assert not list(tmp_path.glob("-*"))


def test_a_number_finds_a_lesson(tmp_path):
    done = export(tmp_path, "4", "--ipynb")
    assert done.returncode == 0, said(done)
    assert (tmp_path / "04_url_handling.ipynb").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["1"], "one of --ipynb and --md"),
        (["1", "--ipynb", "--md"], "one of --ipynb and --md"),
        (["99", "--ipynb"], "there is no lesson '99'"),
        (["nothing.py", "--md"], "no lesson 'nothing.py'"),
        (["1", "--ipynb", "-o", "."], "is a folder"),
        (["1", "--md", "-o", "nowhere/a.md"], "there is no folder 'nowhere'"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_work_is_said_before_anything_runs(
    tmp_path, arguments, reason
):
    done = export(tmp_path, *arguments)
    assert done.returncode == 2, said(done)
    assert reason in said(done)
    assert "Traceback" not in said(done)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or sys.platform != "linux",
    reason="needs a folder in which nobody can write: /proc",
)
def test_a_folder_that_cannot_be_written_to(lesson, tmp_path):
    done = export(tmp_path, lesson, "--ipynb", "-o", "/proc/a.ipynb")
    assert done.returncode == 1
    assert "/proc/a.ipynb cannot be written" in said(done)
    assert "Traceback" not in said(done)


def test_a_step_that_fails_is_in_the_page_and_in_the_exit_status(tmp_path):
    path = write(tmp_path, STEP + "    raise OSError('on purpose')\n")
    done = export(tmp_path, path, "--md")
    assert done.returncode == 1
    assert "Failed: step 1" in said(done)
    page = (tmp_path / "07_small.md").read_text("utf-8")
    assert "OSError: on purpose" in page
    assert "it ran 42" in page


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_writes_nothing(tmp_path):
    path = write(
        tmp_path,
        STEP + "    import signal\n    signal.raise_signal(signal.SIGINT)\n",
    )
    done = export(tmp_path, path, "--md")
    assert done.returncode == 130
    assert "Nothing was written" in said(done)
    assert [each.name for each in tmp_path.glob("07*")] == ["07_small.py"]


def test_half_a_character_in_the_output_is_shown(tmp_path):
    path = write(tmp_path, STEP.replace('"it ran"', '"\\udc80"'))
    done = export(tmp_path, path, "--md")
    assert done.returncode == 0, said(done)
    assert "\\udc80 42" in (tmp_path / "07_small.md").read_text("utf-8")


def test_a_real_lesson_makes_a_page_with_its_output(tmp_path):
    done = export(tmp_path, "04", "--md")
    assert done.returncode == 0, said(done)
    page = (tmp_path / "04_url_handling.md").read_text("utf-8")
    assert page.count("```text\n") >= page.count("\n## ") - 1
    assert "This step failed" not in page
    assert "In this run: **" in page
    assert ", all done. Written by netbasics" in page


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_gets_a_sentence_and_no_traceback(lesson, tmp_path):
    command = python("-m", "netbasics", "export", lesson, "--ipynb", "-o", "-")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=50,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        b"Error: - cannot be written: No space left on device\n"
    )


def test_a_step_that_cannot_be_one_is_said(tmp_path):
    step = "\n\n@lesson.step\ndef one():\n    'One.'\n    return 1\n"
    done = export(tmp_path, write(tmp_path, step), "--ipynb")
    assert done.returncode == 2
    assert "'return' outside" in said(done)
    assert "Traceback" not in said(done)
