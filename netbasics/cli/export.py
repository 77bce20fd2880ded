"""`netbasics export`: a lesson as a notebook, or as a page."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from netbasics.course import locate
from netbasics.course.lesson import Lesson

__all__ = ["command"]

INTERRUPTED = 130  # what a shell reports for a program ended by Ctrl-C


@click.command("export")
@click.argument("lesson")
@click.option(
    "--ipynb", is_flag=True, help="A Jupyter notebook; its cells are not run."
)
@click.option(
    "--md", is_flag=True, help="A page in Markdown; the lesson runs for it."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to write; - is the standard output. Without it, a file that "
    "is called as the lesson is, in this folder.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    lesson: str, ipynb: bool, md: bool, output: str | None, force: bool
) -> None:
    """Write a LESSON as a notebook or as a page.

    LESSON is a number, a name, or the path of a script of your own. If a step
    fails, the page shows how, and the exit status is 1.
    """
    if ipynb == md:
        raise click.UsageError("give one of --ipynb and --md")
    loaded = _load(lesson)
    suffix = ".ipynb" if ipynb else ".md"
    target = output or f"{loaded.path.stem}{suffix}"
    if target != "-":
        _check(Path(target), force)
    text, failed = _notebook(loaded) if ipynb else _page(loaded)
    _write(target, text)
    if failed:
        click.echo(f"Failed: {failed}. The page shows how.", err=True)
        sys.exit(1)


def _load(name: str) -> Lesson:
    try:
        loaded = locate.load(locate.find(name))
        loaded.steps  # noqa: B018  those of somebody's own may make no sense
        return loaded
    except (LookupError, ValueError, FileNotFoundError) as error:
        raise click.UsageError(str(error.args[0])) from error


def _check(path: Path, force: bool) -> None:
    """Refuse before the run what could not be written after it."""
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder: name a file in it")
    if not path.absolute().parent.is_dir():
        raise click.UsageError(f"there is no folder {str(path.parent)!r}")
    if path.exists() and not force:
        raise click.UsageError(
            f"{path} is there already, perhaps with changes of yours; --force "
            "writes over it"
        )


def _notebook(lesson: Lesson) -> tuple[str, str]:
    from netbasics.course.notebook import notebook

    return notebook(lesson), ""


def _page(lesson: Lesson) -> tuple[str, str]:
    """Return the page, and which steps failed, in words."""
    from netbasics.course.engine import Left
    from netbasics.course.page import write_page

    try:
        text, failed = write_page(lesson)
    except Left:
        click.echo("\nStopped. Nothing was written.", err=True)
        sys.exit(INTERRUPTED)
    return text, ", ".join(f"step {step.number}" for step in failed)


def _write(target: str, text: str) -> None:
    """Write the text to a file, or to the standard output.

    It is UTF-8 whatever the terminal is. Half a character, which a step may
    have printed, is shown and not refused.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if target == "-":
            # Not its own buffer: what is left there would be tried once more.
            with open(sys.stdout.fileno(), "wb", closefd=False) as out:
                out.write(data)
            return
        _replace(Path(target).resolve(), data)
    except BrokenPipeError:
        raise  # the reader, such as `head`, has seen enough
    except OSError as error:
        raise click.ClickException(
            f"{target} cannot be written: {error.strerror or error}"
        ) from error
    click.echo(f"Wrote {target}")


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    Unlike the learner's own records, it is for others to read: its mode is the
    usual one.
    """
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
