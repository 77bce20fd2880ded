"""The `netbasics` command: what it says, what it refuses, how it starts."""

import subprocess
import sys
from pathlib import Path

import pytest
from course_help import python, write

from netbasics import __version__
from netbasics.cli import COMMANDS
from netbasics.cli.program import program

HEAVY = {
    "requests",
    "flask",
    "fastapi",
    "uvicorn",
    "aiohttp",
    "pytest",
    "rich",
    "ssl",
    "asyncio",
}


def run(*arguments, **options):
    return subprocess.run(
        python(*arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        **options,
    )


def netbasics(*arguments):
    return run("-m", "netbasics", *arguments)


def imported_by(*arguments):
    """The top-level names that a run imports."""
    done = run("-X", "importtime", *arguments)
    assert done.returncode == 0, done.stderr
    lines = [line.rpartition("|")[2] for line in done.stderr.splitlines()]
    return {line.strip().partition(".")[0] for line in lines}


def test_importing_the_package_imports_nothing_heavy():
    names = imported_by("-c", "import netbasics")
    assert "netbasics" in names
    assert not names & HEAVY


@pytest.mark.parametrize("module", ["sockets", "urls", "servers", "limits"])
def test_the_first_modules_import_nothing_heavy(module):
    assert not imported_by("-c", f"import netbasics.{module}") & HEAVY


def test_help_imports_no_command():
    names = imported_by("-m", "netbasics", "--help")
    assert "click" in names
    assert not names & HEAVY


def test_tab_completion_lists_the_modules():
    code = "import netbasics; print(dir(netbasics))"
    names = run("-c", code).stdout
    assert "'servers'" in names
    assert "'urls'" in names


def test_a_name_that_is_not_there_is_an_attribute_error():
    done = run("-c", "import netbasics; netbasics.sokets")
    assert "has no attribute 'sokets'" in done.stderr


def test_version():
    assert netbasics("--version").stdout.strip().endswith(__version__)


def test_help_lists_every_command():
    text = netbasics("--help").stdout
    for name, line in COMMANDS.items():
        assert name in text
        assert line in text


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_that_agrees_with_the_table(name):
    done = netbasics(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"netbasics {name}" in done.stdout


def test_bare_command_says_what_there_is_and_what_comes_next():
    text = netbasics().stdout
    for number in range(1, 7):
        assert f"\n  {number:02}  " in text
    assert "-m netbasics learn 01\n" in text
    assert "-m netbasics --help\n" in text
    listed = [line for line in text.splitlines() if "-m netbasics" not in line]
    assert max(map(len, listed)) <= 80


@pytest.mark.parametrize("way", ["by its path", "by its name", "by -m"])
def test_the_commands_that_it_prints_can_be_typed(way, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x"])
    path = Path(sys.executable).with_name("netbasics")
    if way == "by -m":
        sys.argv[0] = "/somewhere/netbasics/__main__.py"
        assert program() == f"{sys.executable} -m netbasics"
    elif not path.exists():
        pytest.skip("netbasics is not installed as a command here")
    elif way == "by its name":
        monkeypatch.setenv("PATH", str(path.parent))
        sys.argv[0] = str(path)
        assert program() == "netbasics"
    else:
        monkeypatch.setenv("PATH", "")
        monkeypatch.chdir(path.parent.parent)
        sys.argv[0] = "bin/netbasics"
        assert program() == "bin/netbasics"


def test_an_unknown_command_is_refused_with_the_known_ones():
    done = netbasics("lern")
    assert done.returncode == 2
    assert "'lern'" in done.stderr
    assert "learn" in done.stderr


class TestLearn:
    @pytest.mark.parametrize(
        "name", ["7", "00", "http", "nonsense", "4.py", "../x"]
    )
    def test_an_unknown_lesson_is_refused_with_the_known_ones(self, name):
        done = netbasics("learn", name)
        assert done.returncode == 2
        assert repr(name) in done.stderr
        assert "01_socket_programming" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_step_that_is_not_there_is_refused(self):
        done = netbasics("learn", "4", "--step", "99")
        assert done.returncode == 2
        assert "--step 99" in done.stderr

    @pytest.mark.parametrize(
        "name", ["4", "04", "04_url_handling", "04_url_handling.py", "URL"]
    )
    def test_a_lesson_has_several_names(self, name):
        done = netbasics("learn", name, "--list")
        assert done.stdout.startswith("4. ")

    def test_a_script_of_ones_own_is_played(self, tmp_path):
        steps = (
            '\n\n@lesson.step\ndef mine():\n    """Mine."""\n    print("own")\n'
        )
        done = netbasics("learn", str(write(tmp_path, steps)))
        assert done.returncode == 0
        assert "  | own" in done.stdout

    def test_a_script_without_a_lesson_is_refused(self, tmp_path):
        path = tmp_path / "plain.py"
        path.write_text("x = 1\n")
        done = netbasics("learn", str(path))
        assert done.returncode == 2
        assert "has no lesson" in done.stderr

    def test_all_and_a_lesson_are_that_one_and_the_rest(self):
        text = netbasics("learn", "5", "--all", "--from", "3", "--list").stdout
        assert "1. Socket" not in text
        assert "\n   3  " in text.partition("\n6. ")[0]
        assert "\n   2  " not in text.partition("\n6. ")[0]
        assert "\n   1  " in text.partition("\n6. ")[2]

    def test_all_and_one_step_are_not_asked_for_together(self):
        assert netbasics("learn", "--all", "--step", "1").returncode == 2
        assert netbasics("learn", "--all", "--from", "1").returncode == 2

    def test_one_step_and_from_a_step_are_not_asked_for_together(self):
        done = netbasics("learn", "4", "--step", "1", "--from", "2")
        assert done.returncode == 2
        assert "not both" in done.stderr

    def test_all_lists_all_six(self):
        text = netbasics("learn", "--all", "--list").stdout
        for number in range(1, 7):
            assert f"\n{number}. " in f"\n{text}"


def test_python_m_and_the_script_are_the_same_command():
    script = Path(sys.executable).with_name("netbasics")
    if not script.exists():
        pytest.skip("netbasics is not installed as a command here")
    done = subprocess.run(
        [script, "--version"], capture_output=True, text=True, check=False
    )
    assert done.stdout == netbasics("--version").stdout
