"""The table as text for a terminal, and as a page in Markdown."""

import platform
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version

from netbasics import lab
from netbasics.cli.faults.cells import CLIENTS, OURS, Cell, Outcome
from netbasics.cli.faults.running import Row
from netbasics.cli.faults.targets import DEADLINE, LIMIT, TIMEOUT

__all__ = ["as_page", "as_text", "legend", "summary"]

Paint = Callable[[str, str], str]
WIDTH = 80


def legend() -> str:
    """Return what the table shows and under which limits, in a few lines."""
    text = (
        f"Each client in a process of its own, with a timeout of {TIMEOUT:g} s;"
        f" ours ({', '.join(OURS)}) with a deadline of {DEADLINE:g} s as well. "
        f"After {LIMIT:g} s a client counts as hung. An exclamation mark: not "
        "what a correct client does."
    )
    return textwrap.fill(text, WIDTH)


def as_text(
    row: Row, *, messages: bool = False, paint: Paint = lambda text, _: text
) -> str:
    """Return one row as lines of at most 80 columns.

    Args:
        row: The fault, and what each client did.
        messages: Whether to show what the exceptions say.
        paint: Called as `paint(text, colour)`.
    """
    fault, outcomes = row
    title = f"{fault.name} should {fault.should}: {fault.because}"
    lines = textwrap.wrap(title, WIDTH, subsequent_indent="    ")
    lines[0] = lines[0].replace(fault.name, paint(fault.name, "bold"), 1)
    found = [_cell(fault.name, *item, paint) for item in outcomes.items()]
    if messages:
        for (_, outcome), cell in zip(outcomes.items(), found, strict=True):
            lines.append(cell.rstrip())
            indent = " " * 13
            lines += textwrap.wrap(
                outcome.message,
                WIDTH,
                initial_indent=indent,
                subsequent_indent=indent,
            )
    else:
        pairs = zip(found[::2], [*found[1::2], ""], strict=False)
        lines += [(one + "  " + other).rstrip() for one, other in pairs]
    return "\n".join(lines)


def _cell(fault: str, client: str, outcome: Outcome, paint: Paint) -> str:
    """Return a cell, 39 columns wide."""
    right = Cell(fault, client).is_right(outcome)
    name = outcome.text
    if len(name) > 20:
        name = name[:17] + "..."
    shown = f"{name:20} {outcome.seconds:5.2f} s"
    mark = " " if right else "!"
    return f"{mark} {client:8} {paint(shown, 'green' if right else 'red')}"


def summary(rows: Iterable[Row]) -> str:
    """Return how often each client did the right thing, as lines."""
    lines = [f"{'Client':16} right  wrong success  hung  other  of"]
    for client in CLIENTS:
        met = [(f, o[client]) for f, o in rows if client in o]
        if not met:
            continue
        right = sum(Cell(f.name, client).is_right(o) for f, o in met)
        wrong = sum(o.what == "wrong success" for _, o in met)
        hung = sum(o.what == "hung" for _, o in met)
        other = len(met) - right - wrong - hung
        name = f"{client} (ours)" if client in OURS else client
        lines.append(
            f"{name:16} {right:5}  {wrong:13}  {hung:4}  {other:5}  {len(met)}"
        )
    return "\n".join(lines)


def as_page(rows: list[Row], seconds: float) -> str:
    """Return the table as a page in Markdown.

    Args:
        rows: All rows.
        seconds: How long it took.
    """
    return "\n".join([*_introduction(rows, seconds), *_sections(rows)]) + "\n"


def _introduction(rows: list[Row], seconds: float) -> Iterator[str]:
    count = sum(len(outcomes) for _, outcomes in rows)
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("requests", "urllib3", "aiohttp")
    )
    paragraphs = [
        "What clients do with peers that misbehave. Nobody wrote this table: "
        "`netbasics lab --table --markdown` measures it and prints this page.",
        f"{len(rows)} faults, {count} cells, measured in {seconds:.0f} s with "
        f"Python {platform.python_version()} on {platform.system()}, "
        f"{libraries}.",
        legend().replace("\n", " "),
        "The faults are described in [lab](lab.md). `socket` is a bare socket "
        "that reads until the end, as in textbooks; `sockets`, `clients`, "
        "`apis` and `aio` are modules of netbasics. A dash: the client does "
        "not speak that. What the exceptions say: `netbasics lab NAME "
        "--table`.",
    ]
    yield "# The fault table"
    for paragraph in paragraphs:
        yield ""
        yield from _wrapped(paragraph)
    yield ""
    yield "```text"
    yield summary(rows)
    yield "```"


def _wrapped(paragraph: str) -> list[str]:
    """Return lines in which no `piece of code` is broken."""
    code = re.sub("`.*?`", lambda found: found[0].replace(" ", "\0"), paragraph)
    lines = textwrap.wrap(code, 88, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _sections(rows: list[Row]) -> Iterator[str]:
    for kind, title in lab.KINDS.items():
        here = [row for row in rows if row[0].kind == kind]
        if not here:
            continue
        met = [c for c in CLIENTS if any(c in outcomes for _, outcomes in here)]
        yield from ("", f"## {title}", "")
        yield "| Fault | Should | " + " | ".join(met) + " |"
        yield "|---|---|" + "---|" * len(met)
        for fault, outcomes in here:
            found = [_entry(fault, client, outcomes) for client in met]
            should = f"{fault.should}: {fault.because}"
            yield f"| `{fault.name}` | {should} | " + " | ".join(found) + " |"


def _entry(fault: lab.Fault, client: str, outcomes: dict[str, Outcome]) -> str:
    if client not in outcomes:
        return "-"
    outcome = outcomes[client]
    text = f"`{outcome.name}`" if outcome.name else outcome.what
    if not Cell(fault.name, client).is_right(outcome):
        text = f"**!** {text}"
    return f"{text} {outcome.seconds:.1f} s"
