"""`netbasics learn`: play lessons."""

import shlex
import sys
from typing import Any

import click

from netbasics.cli.overview import come_next
from netbasics.cli.program import program
from netbasics.course import locate, play
from netbasics.course.lesson import Lesson
from netbasics.course.progress import Progress

__all__ = ["command"]


@click.command("learn")
@click.argument("lesson", required=False)
@click.option(
    "--all", "all_", is_flag=True, help="Play all six, or LESSON and the rest."
)
@play.options
def command(lesson: str | None, all_: bool, **chosen: Any) -> None:
    """Play a LESSON: a number, a name, or the path of a script of your own.

    Without LESSON it is the one where you stopped, or the first.
    """
    if all_ and (chosen["step"] is not None):
        raise click.UsageError("--step goes with one lesson, not with --all")
    if all_ and chosen["from_"] is not None and lesson is None:
        raise click.UsageError("--from goes with a lesson: name it")
    learn = f"{program()} learn"
    named = f" {shlex.quote(lesson)}" if lesson else ""
    with play.way_out(f"{learn}{named}{' --all' if all_ else ''}"):
        lessons = _load(lesson, all_)
        rest = " --all" if all_ else ""
        again = {each: f"{learn} {_name(each)}{rest}" for each in lessons}
        sys.exit(play.perform(lessons, again=again.__getitem__, **chosen))


def _load(name: str | None, all_: bool) -> list[Lesson]:
    """Load the lesson of that name, or all of them from there."""
    try:
        paths = locate.scripts()
        if name is None and not all_:
            ahead = come_next(Progress())
            name = ahead.lesson if ahead else "1"
        if name is not None:
            first = locate.find(name)
            found = paths.index(first) if first in paths else len(paths)
            paths = [first, *(paths[found + 1 :] if all_ else ())]
        return [locate.load(path) for path in paths]
    except (LookupError, ValueError, FileNotFoundError) as error:
        raise click.UsageError(str(error.args[0])) from error


def _name(lesson: Lesson) -> str:
    """Return the shortest name by which `learn` finds a lesson."""
    if lesson.path in locate.scripts():
        return lesson.path.name[:2]
    return shlex.quote(str(lesson.path))
