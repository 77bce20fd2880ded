"""`netbasics hint`: a nudge, the idea, nearly the code."""

import click

from netbasics.cli.exercising import chosen, say, workspace
from netbasics.cli.program import program
from netbasics.practice.catalogue import HINTS
from netbasics.practice.messages import tell_hint

__all__ = ["command"]


@click.command("hint")
@click.argument("name", required=False)
@click.option(
    "--step", type=click.IntRange(1, HINTS), help="This one, of three."
)
def command(name: str | None, step: int | None) -> None:
    """Show the next of three hints on the exercise NAME.

    First a nudge, then the idea, then nearly the code. Without NAME it is the
    exercise that comes next.
    """
    with workspace() as work:
        exercise = chosen(work, name)
        seen = work.state(exercise).hints
        step = step or min(seen + 1, HINTS)
        work.hinted(exercise, step)
        say(tell_hint(exercise, step))
        if step == HINTS:
            click.echo(
                f"\nThe solution: {program()} solution {exercise.name} --spoil"
            )
