"""Play lessons as the command line asks, for the scripts and for `learn`."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from netbasics.course import events
from netbasics.course.engine import Left, OutputLost, play
from netbasics.course.events import Pause, View
from netbasics.course.keys import Ask, ask_line
from netbasics.course.lesson import Lesson
from netbasics.course.plain import PlainView, stopped
from netbasics.course.steps import Step

__all__ = ["listing", "options", "perform", "script", "way_out"]

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
            "--no-pause", is_flag=True, help="Do not wait for the Enter key."
        ),
        click.option(
            "--plain", is_flag=True, help="Text only: no colour, no boxes."
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
    no_pause: bool = False,
    plain: bool = False,
) -> int:
    """Play or list lessons, one after the other.

    Args:
        lessons: Which ones.
        again: Says which command plays a lesson again; the step to go on with
            is put behind it.
        list_: Only list the steps.
        step: Play only this step, counted from 1.
        from_: Begin with this step.
        no_pause: Do not wait between steps.
        plain: Use the plain view on a terminal too.

    Returns:
        The exit status: 0; 1 if a step failed; 130 if the learner pressed
        Ctrl-C or left in the middle.

    Raises:
        click.UsageError: A lesson has no such step.
        KeyboardInterrupt: Ctrl-C, before the first lesson began.
    """
    _keep_to_encoding(sys.stdout)
    _keep_off_proxies()
    chosen = [(lesson, _choose(lesson, step, from_)) for lesson in lessons]
    if list_:
        click.echo(
            "\n\n".join(listing(lesson, steps) for lesson, steps in chosen)
        )
        return 0
    view = _view(no_pause=no_pause, plain=plain)
    failed = False
    try:
        for number, (lesson, steps) in enumerate(chosen):
            if number and view.wait(Pause("next lesson")) == "leave":
                raise Left(None)
            failed |= bool(play(lesson, steps, view))
    except (Left, KeyboardInterrupt) as left:
        at = left.step if isinstance(left, Left) else None
        command = again(lesson) + (f" --from {at.number}" if at else "")
        view.show(events.Stopped(at, len(lesson.steps), command))
        return INTERRUPTED
    except (OutputLost, BrokenPipeError):
        _discard_output()
        return 1
    return int(failed)


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
    lesson: Lesson, step: int | None, from_: int | None
) -> tuple[Step, ...]:
    """Return the steps that were asked for."""
    steps = lesson.steps
    for option, number in (("--step", step), ("--from", from_)):
        if number is not None and not 1 <= number <= len(steps):
            raise click.UsageError(
                f"{option} {number}: {lesson.path.stem} has steps "
                f"1 to {len(steps)}; --list shows them"
            )
    if step is not None and from_ is not None:
        raise click.UsageError("--step or --from, not both")
    if step is not None:
        return steps[step - 1 : step]
    return steps[(from_ or 1) - 1 :]


def _view(*, no_pause: bool, plain: bool) -> View:
    """Return the view that suits where the output goes."""
    terminal = sys.stdout.isatty()
    ask: Ask | None = None
    if terminal and sys.stdin.isatty() and not no_pause:
        ask = ask_line
    if not terminal or plain or os.environ.get("TERM") in ("dumb", "unknown"):
        return PlainView(sys.stdout, ask)
    # Imported here: rich takes a tenth of a second, and a pipe needs none.
    from netbasics.course.terminal import TerminalView, console

    # Bound to today's stdout: a running step's stdout is the engine's.
    return TerminalView(console(sys.stdout), ask)


def _keep_to_encoding(stream: TextIO) -> None:
    """Let a sign that the terminal lacks become `?` rather than an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _keep_off_proxies() -> None:
    """Let no proxy of the environment come between a step and this machine.

    `requests`, `urllib` and curl would send even requests to 127.0.0.1 there.
    """
    # Most programs look at the first one only, if there is one.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    loopback = "127.0.0.1,localhost,::1"
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = f"{known},{loopback}" if known else loopback


def _discard_output() -> None:
    """Point stdout nowhere, so that the interpreter's last flush is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
