"""What the commands on exercises share: the folder, and which exercise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from netbasics.practice import Exercise, find
from netbasics.practice.workspace import NoWorkspace, Workspace

__all__ = ["chosen", "readable", "say", "workspace"]


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Give the learner's folder; say at the end what it has to say."""
    try:
        work = Workspace.find(Path.cwd())
    except NoWorkspace as error:
        raise click.UsageError(str(error)) from error
    try:
        yield work
    finally:
        for notice in work.notices:
            click.echo(notice, err=True)


def chosen(work: Workspace, name: str | None) -> Exercise:
    """Return the exercise of that name or number, or the current one."""
    if name is None:
        current = work.current()
        if current is None:
            raise click.UsageError(
                f"all {len(work.course)} exercises are done: name one"
            )
        return current
    try:
        return find(name)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from error


def readable(text: str) -> str:
    """Return a text with signs that the standard output has."""
    from netbasics.course.texts import readable as with_signs

    encoding = sys.stdout.encoding
    known = with_signs(text, encoding)
    return known.encode(encoding, "replace").decode(encoding)


def say(text: str) -> None:
    """Print a text, whatever the standard output's encoding is."""
    click.echo(readable(text))
