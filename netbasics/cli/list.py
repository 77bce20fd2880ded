"""`netbasics list`: the exercises: done, next, open."""

from itertools import groupby

import click

from netbasics.cli.exercising import workspace
from netbasics.cli.program import program
from netbasics.practice.listing import rows

__all__ = ["command"]


@click.command("list")
def command() -> None:
    """List all exercises: which are done, which comes next."""
    with workspace() as work:
        for _, lesson in groupby(rows(work), lambda row: row.exercise.lesson):
            listed = list(lesson)
            click.echo(listed[0].exercise.place.parent.name)
            for row in listed:
                click.echo(f"  {row}")
        current = work.current()
        click.echo(f"\n{len(work.done())} of {len(work.course)} are done.")
        if current is not None:
            click.echo(f"Next: {work.file(current)}")
            click.echo(f"      {program()} practice")
