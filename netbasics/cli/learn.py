"""`netbasics learn`: play lessons."""

import shlex
import sys
from typing import Any

import click

from netbasics.cli.program import program
from netbasics.course import locate, play
from netbasics.course.lesson import Lesson

__all__ = ["command"]


@click.command("learn")
@click.argument("lesson", required=False)
@click.option("--all", "all_", is_flag=True, help="Play all six, in sequence.")
@play.options
def command(lesson: str | None, all_: bool, **chosen: Any) -> None:
    """Play a LESSON: a number, a name, or the path of a script of your own.

    Without LESSON it is the first one.
    """
    if all_ and lesson is not None:
        raise click.UsageError(f"--all or {lesson!r}, not both")
    if all_ and (chosen["step"] is not None or chosen["from_"] is not None):
        raise click.UsageError("--step and --from go with one lesson")
    learn = f"{program()} learn"
    with play.way_out(f"{learn} {'--all' if all_ else lesson or '01'}"):
        lessons = _load(None if all_ else lesson or "1")
        again = {each: f"{learn} {_name(each)}" for each in lessons}
        sys.exit(play.perform(lessons, again=again.__getitem__, **chosen))


def _load(name: str | None) -> list[Lesson]:
    """Load the lesson of that name, or all of them."""
    try:
        paths = [locate.find(name)] if name else locate.scripts()
        return [locate.load(path) for path in paths]
    except (LookupError, ValueError, FileNotFoundError) as error:
        raise click.UsageError(str(error.args[0])) from error


def _name(lesson: Lesson) -> str:
    """Return the shortest name by which `learn` finds a lesson."""
    if lesson.path in locate.scripts():
        return lesson.path.name[:2]
    return shlex.quote(str(lesson.path))
