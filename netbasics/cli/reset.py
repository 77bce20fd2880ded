"""`netbasics reset`: begin an exercise anew."""

import click

from netbasics.cli.exercising import chosen, workspace

__all__ = ["command"]


@click.command("reset")
@click.argument("name")
def command(name: str) -> None:
    """Make the files of the exercise NAME new; yours is kept beside it.

    That it was done, if it was, stays.
    """
    with workspace() as work:
        exercise = chosen(work, name)
        try:
            kept = work.reset(exercise)
        except OSError as error:
            raise click.ClickException(
                f"{error.filename} cannot be changed: {error.strerror}"
            ) from error
        click.echo(f"{work.file(exercise)} is new.")
        if kept is not None:
            click.echo(f"Your version is kept as {kept.name}.")
