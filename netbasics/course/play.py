"""Play lessons as the command line asks, for the scripts and for `learn`."""

import io
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from netbasics.continuing import left_to_prompts
from netbasics.course import events
from netbasics.course.engine import Left, OutputLost, play
from netbasics.course.events import Pause, View
from netbasics.course.kernel import keep_off_proxies
from netbasics.course.keys import Keyboard, keyboard
from netbasics.course.lesson import Lesson
from netbasics.course.listeners import Listener, PictureSaver, Shared
from netbasics.course.plain import PlainView
from netbasics.course.progress import Progress, Recorder
from netbasics.course.steps import Step
from netbasics.course.texts import readable, stopped

__all__ = ["listing", "options", "perform", "script", "way_out"]

BAR = "│"  # stands for the signs that the terminal view draws with
INTERRUPTED = 130  # what a shell reports for a program ended by Ctrl-C


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that a script and `netbasics learn` share."""
    for option in (
        click.option(
            "--list", "list_", is_flag=True, help="List the steps, run none."
        ),
        click.option(
            "--step", type=int, metavar="N", help="Play step N and no other."
        ),
        click.option(
            "--from", "from_", type=int, metavar="N", help="Begin with step N."
        ),
        click.option(
            "--core", is_flag=True, help="Leave out the deeper steps."
        ),
        click.option(
            "--no-pause", is_flag=True, help="Ask nothing, wait for nothing."
        ),
        click.option(
            "--plain", is_flag=True, help="Text only: no colour, no boxes."
        ),
        click.option(
            "--save-pictures",
            type=click.Path(file_okay=False, writable=True, path_type=Path),
            metavar="DIR",
            help="Save charts and diagrams as SVG files.",
        ),
    ):
        command = option(command)
    return command


def script(lesson: Lesson) -> None:
    """Be the program of one lesson script; this ends the interpreter."""

    @click.command(
        help=f"{lesson.title}: {lesson.subtitle}.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    @options
    def main(**chosen: Any) -> None:
        again = f"python {shlex.quote(sys.argv[0])}"
        with way_out(again):
            sys.exit(perform([lesson], again=lambda _: again, **chosen))

    main()


def perform(
    lessons: Sequence[Lesson],
    *,
    again: Callable[[Lesson], str],
    list_: bool = False,
    step: int | None = None,
    from_: int | None = None,
    core: bool = False,
    no_pause: bool = False,
    plain: bool = False,
    save_pictures: Path | None = None,
) -> int:
    """Play or list lessons, one after the other.

    A learner who left in the middle goes on there, unless `step` or `from_`
    say otherwise. Where nobody is asked, nothing is remembered.

    Args:
        lessons: Which ones.
        again: Says which command plays a lesson again; the step to go on with
            is put behind it.
        list_: Only list the steps.
        step: Play only this step, counted from 1.
        from_: Begin with this step of the first of them.
        core: Leave out the deeper steps.
        no_pause: Do not wait between steps.
        plain: Use the plain view on a terminal too.
        save_pictures: A folder that gets the steps' charts and diagrams.

    Returns:
        The exit status: 0; 1 if a step failed; 130 if the learner pressed
        Ctrl-C or left in the middle.

    Raises:
        click.UsageError: A lesson has no such step, or `save_pictures` cannot
            be made.
        KeyboardInterrupt: Ctrl-C, before the first lesson began.
    """
    if sys.stdout is None:  # closed by whoever started this program
        sys.stdout = io.StringIO()
    _keep_to_encoding(sys.stdout)
    keep_off_proxies()
    chosen = [
        (lesson, *_choose(lesson, step, None if number else from_, core))
        for number, lesson in enumerate(lessons)
    ]
    if list_:
        texts = [listing(lesson, steps[at:]) for lesson, steps, at in chosen]
        click.echo("\n\n".join(texts))
        return 0
    progress = Progress()
    listeners: list[Listener] = []
    if save_pictures is not None:
        listeners.append(_saver(save_pictures, progress.notices))
    view = _view(no_pause=no_pause, plain=plain)
    if view.attended:
        listeners.append(Recorder(progress))
    view = Shared(view, listeners)
    failed = False
    try:
        for number, (lesson, steps, at) in enumerate(chosen):
            if number and view.wait(Pause("next lesson")) == "leave":
                raise Left(None)
            if view.attended and step is None and from_ is None:
                at = _resumed(steps, progress.where(lesson))
            _say(progress.notices)
            with left_to_prompts():
                failed |= bool(play(lesson, steps, view, begin=at))
    except (Left, KeyboardInterrupt) as left:
        stop = left.step if isinstance(left, Left) else None
        command = again(lesson) + (f" --from {stop.number}" if stop else "")
        view.show(events.Stopped(stop, len(lesson.steps), command))
        return INTERRUPTED
    except (OutputLost, OSError) as lost:
        _discard_output(lost)
        return 1
    finally:
        _say(progress.notices)
    return int(failed)


def _saver(folder: Path, notices: list[str]) -> PictureSaver:
    try:
        return PictureSaver(folder, notices)
    except OSError as error:
        raise click.UsageError(
            f"--save-pictures {folder}: {error.strerror or error}"
        ) from error


def _resumed(steps: Sequence[Step], where: Step | None) -> int:
    """Return where to go on; tell the learner if it is not the beginning."""
    at = steps.index(where) if where in steps else 0
    if at:
        click.echo(
            f"Going on with step {steps[at].number}, where you stopped. "
            "(--from 1 begins at the beginning.)"
        )
    return at


def _say(notices: list[str]) -> None:
    """Tell the learner what was noticed about their files, once."""
    while notices:
        click.echo(notices.pop(0), err=True)


@contextmanager
def way_out(command: str) -> Iterator[None]:
    """On Ctrl-C, end the program with the command that goes on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(stopped(events.Stopped(None, 0, command)))
        sys.exit(INTERRUPTED)


def listing(lesson: Lesson, steps: Sequence[Step]) -> str:
    """Return a lesson's title and steps as text."""
    number = f"{lesson.number}. " if lesson.number else ""
    lines = [f"{number}{lesson.title}: {lesson.subtitle}"]
    for step in steps:
        mark = "  (deeper)" if step.deeper else ""
        lines.append(f"  {step.number:2}  {step.title}{mark}")
    return "\n".join(lines)


def _choose(
    lesson: Lesson, step: int | None, from_: int | None, core: bool
) -> tuple[tuple[Step, ...], int]:
    """Return the steps that were asked for, and where in them to begin."""
    try:
        steps = lesson.steps
    except ValueError as error:  # a lesson of somebody's own
        raise click.UsageError(f"{lesson.path}: {error}") from error
    if not steps:
        raise click.UsageError(
            f"{lesson.path} has no steps, see docs/course.md"
        )
    for option, number in (("--step", step), ("--from", from_)):
        if number is not None and not 1 <= number <= len(steps):
            raise click.UsageError(
                f"{option} {number}: {lesson.path.stem} has steps "
                f"1 to {len(steps)}; --list shows them"
            )
    if step is not None and from_ is not None:
        raise click.UsageError("--step or --from, not both")
    if step is not None:
        return steps[step - 1 : step], 0
    if core:
        steps = tuple(each for each in steps if not each.deeper)
    before = sum(each.number < (from_ or 1) for each in steps)
    if before == len(steps):
        raise click.UsageError(
            f"--from {from_} --core: {lesson.path.stem} has no core step there"
        )
    return steps, before


def _view(*, no_pause: bool, plain: bool) -> View:
    """Return the view that suits where the output goes."""
    terminal = sys.stdout.isatty()
    dumb = os.environ.get("TERM") in ("dumb", "unknown")
    keys: Keyboard | None = None
    if terminal and sys.stdin.isatty() and not no_pause:
        keys = keyboard(sys.stdin, sys.stdout, lines=dumb)
    boxes = readable(BAR, sys.stdout.encoding) == BAR
    if not terminal or plain or dumb or not boxes:
        return PlainView(sys.stdout, keys)
    # Imported here: rich takes a tenth of a second, and a pipe needs none.
    from netbasics.course.terminal import TerminalView, console

    # Bound to today's stdout: a running step's stdout is the engine's.
    return TerminalView(console(sys.stdout), keys)


def _keep_to_encoding(stream: TextIO) -> None:
    """Let a sign that the terminal lacks become `?` rather than an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    # Python writes UTF-8 there all the same; who asks for C means ASCII.
    ascii_only = os.environ.get("LC_ALL") in ("C", "POSIX")
    encoding = "ascii" if ascii_only else stream.encoding
    reconfigure(encoding=encoding, errors="replace")


def _discard_output(lost: BaseException) -> None:
    """Say why output was lost, and let the interpreter's last flush be quiet.

    A pipe's reader that is gone, as `head` is, has seen enough: no word then.
    """
    error = lost.__cause__ if isinstance(lost, OutputLost) else lost
    if not isinstance(error, BrokenPipeError):
        click.echo(f"The output cannot be written: {error}", err=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
