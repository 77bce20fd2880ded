"""`netbasics init`: make a folder to practise in."""

import os
from pathlib import Path

import click

from netbasics.cli.program import program
from netbasics.practice.making import DEFAULT, Made, init
from netbasics.practice.workspace import NoWorkspace, Workspace

__all__ = ["command"]


@click.command("init")
@click.argument("folder", required=False, metavar="[DIR]")
def command(folder: str | None) -> None:
    """Make the folder DIR with all exercises, to write them in.

    Without DIR it is netbasics-practice, or the one that you are in. A file
    that is there is left as it is, so a second time adds what is missing.
    """
    chosen = Path(folder) if folder else _default()
    try:
        made = init(chosen)
    except NotADirectoryError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or chosen} cannot be written: {error.strerror}"
        ) from error
    for line in _told(chosen, made):
        click.echo(line)


def _default() -> Path:
    """Return the folder of exercises that we are in, or a new one."""
    here = Path.cwd()
    try:
        around = Workspace.find(here).folder
    except NoWorkspace:
        return Path(DEFAULT)
    return around if around in (here, *here.parents) else Path(DEFAULT)


def _told(folder: Path, made: Made) -> list[str]:
    count = sum("test_" in name for name in made.written)
    lines = []
    if made.written and not made.left:
        lines.append(f"{folder} has {count} exercises now.")
    elif made.written:
        lines.append(f"Added to {folder}:")
        lines += [f"  {name}" for name in made.written]
    else:
        lines.append(f"{folder} has all exercises: nothing was missing.")
    if made.left:
        lines.append(f"Left as they were: {len(made.left)} files.")
    if made.others:
        lines.append("Other things in the folder were not touched.")
    lines += ["", "Go on with", ""]
    if folder.absolute() != Path.cwd():
        lines.append(f"    cd {_quoted(folder)}")
    return [*lines, f"    {program()} practice"]


def _quoted(folder: Path) -> str:
    import shlex

    return shlex.quote(os.fspath(folder))
