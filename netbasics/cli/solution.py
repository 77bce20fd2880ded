"""`netbasics solution`: show the reference solution of an exercise."""

import sys

import click

from netbasics.cli.exercising import chosen, say, workspace
from netbasics.practice.messages import prose

__all__ = ["command"]


@click.command("solution")
@click.argument("name")
@click.option("--spoil", is_flag=True, help="Also before it passes.")
def command(name: str, spoil: bool) -> None:
    """Show the reference solution of the exercise NAME, and why it is so.

    It is shown once your own has passed, or with --spoil.
    """
    with workspace() as work:
        exercise = chosen(work, name)
        if not (spoil or work.state(exercise).done):
            click.echo(
                f"{exercise.number} {exercise.name} has not passed yet: its "
                "solution is shown after a pass, or with --spoil.",
                err=True,
            )
            sys.exit(1)
        work.showed_solution(exercise)
        click.echo(f"{exercise.number} {exercise.title}\n")
        say(exercise.solution.read_text("utf-8"))
        say(prose(exercise.explanation))
