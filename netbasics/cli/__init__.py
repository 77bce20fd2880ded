"""The `netbasics` command: a table of commands, each loaded when it is run.

`netbasics --help` needs the names and a line on each, not the commands; they
import web frameworks and take a second.
"""

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from netbasics import __version__

__all__ = ["main"]

COMMANDS = {
    "learn": "Play a lesson, or all of them.",
    "init": "Make a folder with the exercises, to write them in.",
    "practice": "Show the next exercise, and check it at every save.",
    "check": "Check exercises once.",
    "hint": "Show the next of three hints on an exercise.",
    "solution": "Show the reference solution of an exercise.",
    "reset": "Begin an exercise anew; your version is kept.",
    "list": "List the exercises: what is done, what comes next.",
    "export": "Write a lesson as a notebook, or as a page.",
    "playground": "Serve the practice APIs until Ctrl-C.",
    "tap": "Print what passes between a client and a server.",
    "lab": "List peers that misbehave, run one, or try all on all clients.",
    "offline": "Run a Python program in an internet on this machine.",
    "course": "For authors: prove that every exercise is sound.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"netbasics.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the table into the help text, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; say what there is if it is unknown."""
        if args and args[0] not in COMMANDS:
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = (
                f"did you mean {near[0]!r}? There are: "
                if near
                else ("there are: ")
            )
            raise click.UsageError(
                f"there is no command {args[0]!r}; {hint}{', '.join(COMMANDS)}",
                ctx,
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="netbasics")
@click.pass_context
def main(ctx: click.Context, /, **_: Any) -> None:
    """Learn networking in Python by running it, with no internet."""
    if ctx.invoked_subcommand is None:
        from netbasics.cli.overview import welcome

        welcome()
