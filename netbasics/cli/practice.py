"""`netbasics practice`: show an exercise, check it at every save."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from netbasics.cli.exercising import chosen, readable, workspace
from netbasics.cli.program import program
from netbasics.practice import Exercise
from netbasics.practice.checking import Checker
from netbasics.practice.pressing import Keys
from netbasics.practice.screen import PlainScreen
from netbasics.practice.watching import Practice
from netbasics.practice.workspace import Workspace

__all__ = ["command"]

INTERRUPTED = 130  # what a shell reports for a program ended by Ctrl-C


@click.command("practice")
@click.argument("name", required=False, metavar="[NAME|LESSON]")
@click.option("--plain", is_flag=True, help="Text only: no colour, no boxes.")
def command(name: str | None, plain: bool) -> None:
    """Show the exercise that comes next, and check it whenever you save.

    NAME begins with this exercise, the number of a LESSON with the first of
    its exercises that is not done. What passes is remembered: quit when you
    like, and go on another day.
    """
    with workspace() as work:
        exercise = _first(work, name)
        if exercise is None:
            click.echo(f"All {len(work.course)} exercises are done.")
            return
        status = _practise(work, exercise, plain)
    sys.exit(status)


def _first(work: Workspace, name: str | None) -> Exercise | None:
    if name is None:
        return work.current()
    lesson = name.lstrip("0")
    of_lesson = [each for each in work.course if str(each.lesson) == lesson]
    if not of_lesson:
        return chosen(work, name)
    done = work.done()
    rest = [each for each in of_lesson if each.name not in done]
    return (rest or of_lesson)[0]


def _practise(work: Workspace, exercise: Exercise, plain: bool) -> int:
    """Practise; return the exit status."""
    plain = plain or not sys.stdout.isatty() or _dumb()
    keys = Keys(sys.stdin, lines=plain)
    status = 0
    with _terminated_politely(), closing(Checker()) as checker, keys:
        practice = Practice(
            work,
            exercise,
            screen=_screen(plain),
            keyboard=keys,
            edit=lambda path: _edit(keys, path),
            check=checker,
        )
        try:
            practice.run()
        except KeyboardInterrupt:
            status = INTERRUPTED
    _farewell(work, practice.exercise)
    return status


def _dumb() -> bool:
    return os.environ.get("TERM") in ("dumb", "unknown")


def _screen(plain: bool) -> PlainScreen:
    if plain:
        return PlainScreen(sys.stdout, readable)
    # Imported here: rich takes a tenth of a second, and a pipe needs none.
    from netbasics.course.terminal import console
    from netbasics.practice.colours import ColourScreen

    return ColourScreen(console(sys.stdout))


def _edit(keys: Keys, path: Path) -> str:
    """Open the file in the learner's editor; say so if that fails."""
    from netbasics.course.programs import EditorFailed, open_editor

    with keys.away():
        try:
            open_editor(path)
        except EditorFailed as error:
            return str(error)
    return ""


def _farewell(work: Workspace, exercise: Exercise | None) -> None:
    count = f"{len(work.done())} of {len(work.course)} exercises are done."
    if exercise is None:
        click.echo(f"\nAll {len(work.course)} exercises are done.")
        return
    click.echo(f"\nStopped at {exercise.number} {exercise.name}. {count}")
    ahead = work.current()
    named = "" if ahead in (exercise, None) else f" {exercise.name}"
    if ahead is not None and exercise.name in work.done():
        named = ""
    click.echo(f"To go on:\n\n    {program()} practice{named}")


@contextmanager
def _terminated_politely() -> Iterator[None]:
    """Leave the terminal as it was, also when told to end, or hung up."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    names = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
