"""From save to verdict: what a learner waits for, again and again.

`netbasics practice` runs as a learner runs it, in a process of its own. A turn
is a few saves of a right answer; each is timed until its verdict is printed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.rows.commands import empty_test
from netbasics.practice import find

EXERCISE = find("recv_exactly")
SAVES = 3  # in a turn
# Nobody saves sooner again, in seconds; it is not timed.
THINKING = 0.7
PASSED = b"[Enter: go on"


@contextmanager
def practising() -> Iterator[Turn]:
    """Practise one exercise."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NETBASICS_HOME": f"{folder}/home"}
        command = [sys.executable, "-m", "netbasics"]
        subprocess.run(
            [*command, "init", "course"],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        course = Path(folder, "course")
        with subprocess.Popen(
            [*command, "practice", EXERCISE.name, "--plain"],
            cwd=course,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as learner:
            [file] = course.glob(f"*/*{EXERCISE.name}/{EXERCISE.name}.py")
            until(learner, b"(or save the file)]")
            yield lambda: saves(learner, file)
            learner.communicate(b"q\n", timeout=20)


def saves(learner: "subprocess.Popen[bytes]", file: Path) -> Sample:
    """Save a right answer a few times, each time another text."""
    solution, wall = EXERCISE.solution.read_bytes(), 0.0
    for _ in range(SAVES):
        time.sleep(THINKING)
        text = solution + b"# %d\n" % time.monotonic_ns()
        began = time.perf_counter()
        file.write_bytes(text)
        until(learner, PASSED)
        wall += time.perf_counter() - began
    return Sample(SAVES, wall, extra={"seconds": wall / SAVES})


def until(learner: "subprocess.Popen[bytes]", sign: bytes) -> None:
    """Read what is printed, until this is in it."""
    assert learner.stdout is not None
    seen = b""
    while sign not in seen:
        piece = os.read(learner.stdout.fileno(), 65536)
        if not piece or b"does not" in seen:
            raise RuntimeError(f"there is no pass: {seen.decode()}")
        seen += piece


def rows() -> list[Row]:
    """Return the rows of this file."""
    contenders: dict[str, Contender] = {
        "pytest on an empty test": empty_test(),
        "netbasics": practising,
    }
    return [
        Row(
            "verdict",
            f"from save to verdict: the exercise {EXERCISE.name}",
            "verdicts",
            contenders,
            [Figure("seconds", 2.0, "at most")],
        )
    ]
