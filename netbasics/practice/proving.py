"""Prove the course: stubs fail, solutions pass, mistakes are recognised.

An exercise is sound if its stub fails as "not written yet", if each solution
passes again and again, and if each plausible mistake fails with the message
that is meant for it. A check that passes a mistake teaches it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netbasics.practice.catalogue import Exercise
from netbasics.practice.checking import check
from netbasics.practice.findings import Finding
from netbasics.practice.messages import tell
from netbasics.practice.reviewing import review

__all__ = ["Proof", "Run", "busy", "prove"]

TIMES = 3
# More than there are cores: a mistake that hangs only waits to be stopped.
WORKERS = 3 * (os.cpu_count() or 2)
# Ends by itself when its parent is gone, however that came.
BUSY = """\
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100_000):
        pass
"""


@dataclass(frozen=True)
class Run:
    """One run of a check.

    Args:
        path: The file.
        role: What it is: `"stub"`, `"solution"` or `"mistake"`.
        seconds: How long it took.
        wrong: What is not as it should be; empty if all is.
    """

    path: Path
    role: str
    seconds: float
    wrong: str


@dataclass(frozen=True)
class Proof:
    """What is known of an exercise, once it was tried.

    Args:
        exercise: The exercise.
        runs: All runs of its check.
        flaws: What is wrong with its files.
    """

    exercise: Exercise
    runs: tuple[Run, ...]
    flaws: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Everything that is wrong; empty for a sound exercise."""
        return [*self.flaws, *(run.wrong for run in self.runs if run.wrong)]

    @property
    def seconds(self) -> float:
        """From save to verdict: the quickest run of the reference solution.

        The others had to share the machine with more checks.
        """
        solution = self.exercise.solution
        own = [run.seconds for run in self.runs if run.path == solution]
        return min(own, default=0.0)

    def right(self, role: str) -> tuple[int, int]:
        """Return how many files of a role are as meant, and how many are."""
        paths = {run.path for run in self.runs if run.role == role}
        wrong = {r.path for r in self.runs if r.role == role and r.wrong}
        return len(paths) - len(wrong), len(paths)


def prove(
    course: Iterable[Exercise], *, times: int = TIMES, workers: int = WORKERS
) -> Iterator[Proof]:
    """Yield what is found of each exercise, in their order.

    Args:
        course: The exercises.
        times: How often each solution must pass.
        workers: How many checks run at once.
    """
    with ThreadPoolExecutor(workers) as pool:
        begun: list[tuple[Exercise, list[str], list[Future[Run]]]] = []
        try:
            for exercise in course:
                flaws = review(exercise)
                jobs = [pool.submit(job) for job in _jobs(exercise, times)]
                begun.append((exercise, flaws, jobs))
            for exercise, flaws, jobs in begun:
                runs = tuple(job.result() for job in jobs)
                yield Proof(exercise, runs, tuple(flaws))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def busy(count: int | None = None) -> Iterator[None]:
    """Keep all cores busy for as long as the block runs."""
    number = os.cpu_count() or 2 if count is None else count
    processes = [
        subprocess.Popen([sys.executable, "-S", "-c", BUSY])
        for _ in range(number)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _jobs(exercise: Exercise, times: int) -> Iterator[Callable[[], Run]]:
    """Yield what is to be run for an exercise."""
    yield _job(exercise, exercise.stub, "stub", _stub_fails)
    for path in (exercise.solution, *exercise.alternatives):
        for _ in range(times):
            yield _job(exercise, path, "solution", _passes)
    for mistake in exercise.mistakes:
        yield _job(exercise, mistake.path, "mistake", _recognises(mistake.says))


Judge = Callable[[Exercise, Finding], str]


def _job(
    exercise: Exercise, path: Path, role: str, judge: Judge
) -> Callable[[], Run]:
    def run() -> Run:
        began = time.monotonic()
        try:
            found = check(exercise, path)
        except OSError as error:
            return Run(path, role, 0.0, f"{path.name}: {error.strerror}")
        seconds = time.monotonic() - began
        wrong = judge(exercise, found)
        where = path.relative_to(exercise.place)
        return Run(path, role, seconds, wrong and f"{where}: {wrong}")

    return run


def _stub_fails(exercise: Exercise, found: Finding) -> str:
    if found.kind == "not written":
        return ""
    return f"the stub is {found.kind!r}, not 'not written'"


def _passes(exercise: Exercise, found: Finding) -> str:
    if found.kind == "passed":
        return ""
    return f"a right solution is refused:\n{tell(exercise, found)}"


def _recognises(says: str) -> Judge:
    wanted = " ".join(says.split())

    def judge(exercise: Exercise, found: Finding) -> str:
        if found.kind == "passed":
            return "this mistake passes"
        told = tell(exercise, found)
        if wanted in " ".join(told.split()):
            return ""
        return f"the message does not say {wanted!r}:\n{told}"

    return judge
