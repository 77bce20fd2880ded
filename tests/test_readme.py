"""README.md shows what really happens."""

import re
import subprocess
import tomllib
from pathlib import Path

from course_help import python

from netbasics.course import locate

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)


def test_the_first_two_commands_are_the_only_ones_in_sh():
    first, second = blocks("sh")
    assert first.strip().endswith("netbasics learn --all")
    assert second.strip().endswith("-m pytest -q")


def test_the_excerpt_is_what_a_run_prints():
    (excerpt,) = blocks("text")
    done = subprocess.run(
        python(locate.find("1"), "--step", "3"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert excerpt in done.stdout


def test_every_lesson_is_listed():
    for path in locate.scripts():
        assert f"docs/lesson_{path.name[:2]}.md" in TEXT


def test_the_extras_and_the_command_that_it_names_exist():
    assert set(re.findall(r"\.\[(\w+)\]", TEXT)) <= set(
        PROJECT["project"]["optional-dependencies"]
    )
    assert "netbasics" in PROJECT["project"]["scripts"]


def test_the_python_version_is_the_projects():
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in TEXT
