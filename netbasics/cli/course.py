"""`netbasics course check`: prove that every exercise is sound."""

import statistics
import sys
import textwrap
import time
from contextlib import nullcontext

import click

from netbasics.practice import exercises, find
from netbasics.practice.proving import TIMES, Proof, busy, prove

__all__ = ["command"]

THOROUGH = 20
HEAD = f"{'':5} {'':16} {'stub':>5} {'solutions':>10} {'mistakes':>9} {'s':>5}"


@click.group("course")
def command() -> None:
    """What authors of exercises need."""


@command.command("check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--thorough",
    is_flag=True,
    help=f"Each solution {THOROUGH} times, while all cores are kept busy.",
)
def check(names: tuple[str, ...], thorough: bool) -> None:
    """Prove all exercises, or those of these NAMEs.

    Every stub fails as not written yet, every solution passes three times in
    a row, and every mistake fails with the message that is meant for it. The
    exit status is 1 if anything is otherwise. The seconds are those from a
    save to the verdict on the reference solution.
    """
    try:
        course = [find(name) for name in names] or list(exercises())
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from error
    began = time.monotonic()
    times = THOROUGH if thorough else TIMES
    click.echo(HEAD)
    proofs = []
    with busy() if thorough else nullcontext():
        for proof in prove(course, times=times):
            proofs.append(proof)
            click.echo(row(proof, times))
    wrong = [proof for proof in proofs if proof.reasons]
    for proof in wrong:
        click.echo(reasons(proof))
    seconds = statistics.median(proof.seconds for proof in proofs)
    click.echo(
        f"\n{len(proofs)} exercises, {len(wrong)} not sound. From save to "
        f"verdict: {seconds:.2f} s (median). All of it took "
        f"{time.monotonic() - began:.0f} s."
    )
    sys.exit(bool(wrong))


def row(proof: Proof, times: int) -> str:
    """Return a row of the table."""
    exercise = proof.exercise
    stub = "fails" if proof.right("stub") == (1, 1) else "WRONG"
    solutions = "{}/{} x {}".format(*proof.right("solution"), times)
    mistakes = "{}/{}".format(*proof.right("mistake"))
    count = len(proof.reasons)
    return (
        f"{exercise.number + '*' * exercise.hard:5} {exercise.name:16} "
        f"{stub:>5} {solutions:>10} {mistakes:>9} {proof.seconds:5.2f}"
        f"{f'  {count} wrong, see below' if count else ''}"
    )


def reasons(proof: Proof) -> str:
    """Return what is wrong with an exercise."""
    lines = [f"\n{proof.exercise.number} {proof.exercise.name}"]
    seen = dict.fromkeys(proof.reasons)  # a reason may come at every run
    return "\n".join([*lines, *(textwrap.indent(text, "  ") for text in seen)])
