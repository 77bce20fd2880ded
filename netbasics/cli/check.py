"""`netbasics check`: check exercises once."""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import click

from netbasics.cli.exercising import chosen, say, workspace
from netbasics.cli.program import program
from netbasics.practice import Exercise
from netbasics.practice.checking import check
from netbasics.practice.findings import Finding
from netbasics.practice.messages import tell, tell_in_a_line
from netbasics.practice.workspace import Workspace

__all__ = ["command"]


@click.command("check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "all_", is_flag=True, help="All exercises.")
def command(names: tuple[str, ...], all_: bool) -> None:
    """Check the exercises of these NAMEs or numbers, as they were shipped.

    Without NAME, check the one that comes next. What passes is noted as done.
    One exercise is told in full, several in a line each. The exit status is 0
    if all pass, else 1.
    """
    if all_ and names:
        raise click.UsageError("give names or --all, not both")
    with workspace() as work:
        if all_:
            wanted = list(work.course)
        else:
            wanted = [chosen(work, name) for name in names or (None,)]
        found = list(_checked(work, wanted))
        if len(found) > 1:
            count = sum(each.kind == "passed" for each in found)
            click.echo(f"{count} of {len(found)} pass.")
    sys.exit(any(each.kind != "passed" for each in found))


def _checked(work: Workspace, wanted: list[Exercise]) -> Iterator[Finding]:
    """Check exercises, two at a time, and say what was found of each."""
    with ThreadPoolExecutor(2) as pool:
        findings = pool.map(lambda each: _check(work, each), wanted)
        for exercise, found in zip(wanted, findings, strict=True):
            if found.kind == "passed":
                work.passed(exercise)
            lines = (
                _told(work, exercise, found)
                if len(wanted) == 1
                else [_in_a_line(exercise, found)]
            )
            for line in lines:
                say(line)
            yield found


def _check(work: Workspace, exercise: Exercise) -> Finding:
    try:
        return check(exercise, work.file(exercise))
    except OSError as error:
        where = work.file(exercise)
        return Finding("not there", f"{where}: {error.strerror}")


def _in_a_line(exercise: Exercise, found: Finding) -> str:
    if found.kind == "passed":
        return f"{exercise.number} {exercise.name}: passes"
    return tell_in_a_line(exercise, found)


def _told(work: Workspace, exercise: Exercise, found: Finding) -> Iterable[str]:
    if found.kind != "passed":
        yield tell(exercise, found)
        yield f"\nThe file: {work.file(exercise)}"
        yield f"A hint: {program()} hint {exercise.name}"
        return
    yield f"{exercise.number} {exercise.name} passes."
    yield f"The reference solution: {program()} solution {exercise.name}"
    ahead = work.current()
    if ahead is None:
        yield f"All {len(work.course)} exercises are done."
    else:
        yield f"Next: {ahead.number} {ahead.name}: {ahead.task}"
