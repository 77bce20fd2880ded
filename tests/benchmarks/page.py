"""The page of the documentation: every figure, what is missed, all tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measuring import AGAIN, Measured, Outcome
from benchmarks.reporting import (
    interval,
    machine,
    number,
    save_bars,
    table,
    wanted,
)

__all__ = ["save_page"]

INTRODUCTION = """\
# Benchmarks

What the helpers cost, beside what one would use instead. No test asserts a
figure of this page. From a checkout:

    python -m pip install -e '.[test,bench]'
    PYTHONPATH=tests python -m benchmarks --list
    PYTHONPATH=tests python -m benchmarks urls

`--rounds N` says how many rounds count, nine or more, and `--json FILE` keeps
all samples. This page was made in {rounds} rounds, while nothing else ran on
the machine (which has two cores, so that a server and its client fill it), in
about twenty minutes, by

    {command}

Contenders take turns within each round, and each round gives one ratio; the
figure is their median, with the interval that holds it with 95 %. A figure is
reached when its interval reaches it; where the median itself does not, it is
reached within its noise. So a wide interval reaches more easily: look at it,
and at the baseline, which takes part twice (A/A): how far its two turns are
apart is what the row can tell at all. A promise, such as that nothing is lost,
is reached when each round keeps it. Ten times as much may take twelve times as
long. A contender that is not installed is left out and named.

Servers and clients are processes of their own, but for these: in the rows
`growth-events-*` client and tap are one process, and in `stop-*` client and
server are. CPU time is that of the process which the row is about. A row about
imports says nothing of what the first use still has to load. From save to
verdict, the process of the check was begun before the save, as it is whenever
a learner practises; with `netbasics check`, which begins it then, a verdict
takes a tenth of a second more.

| of a figure | meaning |
|---|---|
| `rate` | work done in a second |
| `wall_each`, `cpu_each` | wall and CPU time for one piece of work |
| `seconds` | wall time of a whole: a run, a crowd, one turn of all clients |
| `p99` | the time that 1 request in 100 goes beyond, in seconds |
| `stop` | how long stopping takes, in seconds |
| `bytes`, `peak_mib` | memory of one connection; the most at one time |
| `served`, `answered` | the share of clients, or datagrams, with an answer |
| `share` | the rate that was kept, of the one that was asked for |
| `crowd` | turns in the fullest second, of those that may be in one |
"""


def save_page(
    path: Path, measured: Sequence[Measured], command: str, rounds: int
) -> None:
    """Write the page, and the bars into a folder beside it."""
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    for each in measured:
        save_bars(each, folder)
    path.write_text("\n".join(_lines(measured, command, rounds)), "utf-8")


def _lines(
    measured: Sequence[Measured], command: str, rounds: int
) -> Iterator[str]:
    yield INTRODUCTION.format(command=command, rounds=rounds)
    yield from ("| | |", "|---|---|")
    for key, value in machine().items():
        yield f"| {key} | {value} |"
    yield ""
    yield from _figures(measured)
    yield from _section(
        "Not reached",
        _told(measured, Outcome.MISSED, "it is not known why."),
        "Nothing: every figure was reached.",
    )
    yield from _section(
        "Reached within the noise",
        _told(measured, Outcome.IN_NOISE),
        "Nothing: where the interval reaches, so does the median.",
    )
    for each in measured:
        name, what = each.row.name, each.row.what
        yield from (f"## {name}", "", "```text", table(each), "```", "")
        yield from (f"![{what}](benchmarks/{name}.svg)", "")


def _figures(measured: Sequence[Measured]) -> Iterator[str]:
    yield from ("## All figures", "")
    yield "| row | to be reached | came to | 95 % | A/A | |"
    yield "|---|---|---|---|---|---|"
    for each in measured:
        for figure in each.row.figures:
            found = each.found(figure)
            noise = each.ratio(AGAIN, figure.of)
            outcome = each.outcome(figure)
            mark = "**" if outcome is Outcome.MISSED else ""
            yield (
                f"| [{each.row.name}](#{each.row.name}) "
                f"| {wanted(each, figure)} | {number(found.median)} "
                f"| {interval(found)} | {interval(noise)} "
                f"| {mark}{outcome.value}{mark} |"
            )
    yield ""


def _told(
    measured: Sequence[Measured], outcome: Outcome, unknown: str = ""
) -> Iterator[str]:
    """Give a line for each figure that came out so, with what was tried."""
    for each in measured:
        for figure in each.row.figures:
            if each.outcome(figure) is outcome:
                line = f"- `{each.row.name}`, {wanted(each, figure)}"
                tried = figure.tried or unknown
                yield f"{line}: {tried}" if tried else line


def _section(title: str, lines: Iterator[str], nothing: str) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from list(lines) or [nothing]
    yield ""
