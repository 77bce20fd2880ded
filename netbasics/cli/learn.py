"""`netbasics learn`: play lessons."""

import sys
from typing import Any

import click

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
    try:
        paths = locate.scripts() if all_ else [locate.find(lesson or "1")]
        lessons = [locate.load(path) for path in paths]
    except (LookupError, ValueError, FileNotFoundError) as error:
        raise click.UsageError(str(error.args[0])) from error
    sys.exit(play.perform(lessons, again=_again, **chosen))


def _again(lesson: Lesson) -> str:
    return f"netbasics learn {lesson.path.stem[:2]}"
