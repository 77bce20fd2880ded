"""`netbasics offline`: run any Python program in the offline internet."""

import os
import signal
import subprocess
import sys
from types import FrameType

import click

from netbasics.playground.offline.child import VARIABLE, environment
from netbasics.playground.offline.hosting import Hosting

__all__ = ["command"]


class Verbatim(click.Command):
    """A command that leaves all arguments to the program that it runs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take -h and --help as ours only if they come first."""
        if args[:1] not in (["-h"], ["--help"]):
            args = ["--", *args]
        return super().parse_args(ctx, args)


@click.command("offline", cls=Verbatim)
@click.argument(
    "arguments",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="[SCRIPT | -c CODE | -m MODULE | -] [ARGS]...",
)
def command(arguments: tuple[str, ...]) -> None:
    """Run a Python program in an internet that fits on a laptop.

    SCRIPT, CODE or MODULE and its ARGS are what `python` takes; without any
    of them Python starts at its prompt. In it api.github.com, httpbin.org,
    www.example.com and their kin lead to the playground on this machine, over
    HTTP and HTTPS. Every other name or address fails at once.

    Python programs that it starts are inside as well, but not those started
    with -I, -E or -S, and no other programs. Nothing else on this machine
    changes.
    """
    first = arguments[0] if arguments else "-"
    if first.startswith("-") and first not in ("-c", "-m", "-"):
        raise click.UsageError(
            f"{first!r} is an option for Python, and here begins SCRIPT, "
            "-c CODE or -m MODULE; give options by the environment, such as "
            "PYTHONDEVMODE=1"
        )
    if VARIABLE in os.environ:
        raise click.ClickException(
            "this is inside of `netbasics offline` already, which does not "
            "nest: call Python itself"
        )
    try:
        hosting = Hosting().start()
    except OSError as error:
        raise click.ClickException(str(error)) from error
    try:
        env = environment(hosting.table, os.environ)
        code = _run([sys.executable, *arguments], env)
    finally:
        hosting.stop()
    # What a shell reports for a program that a signal has ended.
    sys.exit(code if code >= 0 else 128 - code)


def _run(command: list[str], env: dict[str, str]) -> int:
    """Run a program to its end, whatever signals come, and return its code."""
    with subprocess.Popen(command, env=env) as program:

        def pass_on(number: int, frame: FrameType | None) -> None:
            program.send_signal(number)

        # Ctrl-C comes to all programs of a terminal: this one has it already.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), pass_on)
        return program.wait()
