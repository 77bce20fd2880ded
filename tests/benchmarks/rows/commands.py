"""Whole processes: importing, the command line, a lesson's list."""

import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from netbasics.places import lessons

RUNS = 3  # in a turn
LESSON = lessons() / "01_socket_programming.py"
CLICK = """\
import click

@click.command()
def main():
    "Say nothing."

main(["--help"])
"""
RICH = "import rich.console, rich.markdown"


def process(
    *arguments: str, env: dict[str, str] | None = None, cwd: str | None = None
) -> Contender:
    """Return a contender whose turn is a few runs of this interpreter."""

    @contextmanager
    def contender() -> Iterator[Turn]:
        yield lambda: run_often([sys.executable, *arguments], env, cwd)

    return contender


def run_often(
    command: Sequence[str], env: dict[str, str] | None, cwd: str | None
) -> Sample:
    """Run a command a few times.

    Raises:
        RuntimeError: It fails: what ends early is not to count as fast.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})}

    def once() -> None:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
            check=False,  # its error would not show what the command said
            text=True,
        )
        if done.returncode:
            said = done.stderr.strip() or "nothing on stderr"
            raise RuntimeError(
                f"{shlex.join(command)} has failed with status "
                f"{done.returncode}: {said}"
            )

    return repeated(once)


def repeated(work: Callable[[], object]) -> Sample:
    """Do something a few times; the CPU time is that of the children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    for _ in range(RUNS):
        work()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(RUNS, wall, used, {"seconds": wall / RUNS})


def row(
    name: str,
    what: str,
    baseline: tuple[str, Contender],
    ours: Contender,
    most: float,
) -> Row:
    """Return a row about the time of a process from start to end."""
    contenders = {baseline[0]: baseline[1], "netbasics": ours}
    figures = [Figure("seconds", most, "at most")]
    return Row(name, what, "runs", contenders, figures)


def empty_test() -> Contender:
    """Return pytest on a test that does nothing, as a learner would run it."""

    @contextmanager
    def contender() -> Iterator[Turn]:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "test_empty.py").write_text("def test_empty(): pass\n")
            command = [sys.executable, "-m", "pytest", "-q", folder]
            env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            yield lambda: run_often(command, env, folder)

    return contender


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [
        row(
            "import",
            "import netbasics",
            ("a bare interpreter", process("-c", "pass")),
            process("-c", "import netbasics"),
            2.5,
        ),
        row(
            "help",
            "netbasics --help",
            ("a script that imports click", process("-c", CLICK)),
            process("-m", "netbasics", "--help"),
            1.5,
        ),
        row(
            "list",
            "python lessons/01_socket_programming.py --list",
            ("a script that imports rich", process("-c", RICH)),
            process(str(LESSON), "--list"),
            1.5,
        ),
    ]
