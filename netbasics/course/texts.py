"""What views share: prose wrapped, signs replaced, sentences on a run."""

import textwrap
from collections.abc import Iterator
from typing import Any

from netbasics.course import events
from netbasics.course.questions import Question, Verdict

__all__ = [
    "WIDTH",
    "choices",
    "happened",
    "how_it_went",
    "last_state",
    "readable",
    "stopped",
    "wrap",
]

WIDTH = 80
# What an ASCII terminal gets for the signs that the texts use.
ASCII = str.maketrans(
    {
        "\N{RIGHTWARDS ARROW}": "->",
        "\N{LEFTWARDS ARROW}": "<-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MIDDLE DOT}": "-",
        "\N{BULLET}": "*",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{FULL BLOCK}": "#",
        # The signs of diagrams and charts.
        "│": "|",
        "├": "|",
        "┤": "|",
        "─": "-",
        "┄": ".",
        "▶": ">",
        "◀": "<",
        "✕": "x",
        "▏": "|",
        "▎": "|",
        "▍": "|",
        "▌": "#",
        "▋": "#",
        "▊": "#",
        "▉": "#",
        "└": "+",
        "┬": "+",
        "∙": ".",
        "●": "o",
        "▲": "^",
        "■": "#",
        "◆": "%",
        "○": "0",
        "△": "A",
    }
)


def readable(text: str, encoding: str | None) -> str:
    """Return `text` with signs that `encoding` has, as far as there are some.

    >>> readable("a \N{RIGHTWARDS ARROW} b", "ascii")
    'a -> b'
    """
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return text.translate(ASCII)
    return text


def wrap(markdown: str, width: int = WIDTH) -> str:
    r"""Wrap Markdown prose to a width; leave code, tables and lists in shape.

    Args:
        markdown: The text. A fenced or indented block and a table stay as
            they are, an item of a list hangs below its sign.
        width: Columns.

    Example:
        >>> print(wrap("- one two three\n- four", 10))
        - one two
          three
        - four
    """
    out: list[str] = []
    for block in _blocks(markdown):
        if block.startswith(("```", "    ", "|")):
            indent = "    " if block.startswith("```") else ""
            kept = [ln for ln in block.splitlines() if ln[:3] != "```"]
            out.extend(indent + line for line in kept)
        else:
            mark, text = _item(block.replace("**", ""))
            out.extend(
                textwrap.wrap(
                    " ".join(text.split()),
                    width,
                    initial_indent=mark,
                    subsequent_indent=" " * len(mark),
                    break_long_words=False,
                    break_on_hyphens=False,
                )
                or [""]
            )
    return "\n".join(out)


def _item(block: str) -> tuple[str, str]:
    """Split a list item into its sign and its text."""
    sign, _, text = block.partition(" ")
    if sign in ("-", "*") or (sign[:-1].isdigit() and sign.endswith(".")):
        return f"{sign} ", text
    return "", block


def _blocks(markdown: str) -> Iterator[str]:
    """Yield paragraphs, items, blocks of code and blank lines in order."""
    block: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            if fenced and block:
                yield "\n".join(block)
                block = []
            block.append(line)
            if not fenced:
                yield "\n".join(block)
                block = []
            continue
        starts = bool(_item(line)[0]) or line.startswith(("    ", "|"))
        if not fenced and block and (starts or not line.strip()):
            yield "\n".join(block)
            block = []
        if fenced or line.strip():
            block.append(line)
        else:
            yield ""
    if block:
        yield "\n".join(block)


def last_state(line: str) -> str:
    """Return what is on the screen after a line with carriage returns."""
    return line.rstrip("\r").rpartition("\r")[2]


def choices(question: Question[Any]) -> str:
    """Return the answers to choose from, a line for each."""
    return "\n".join(
        f"  {number}  {choice}"
        for number, choice in enumerate(question.choices, 1)
    )


def happened(verdict: Verdict) -> str:
    """Return what a run said to a prediction, in Markdown."""
    head = f"In this run: **{verdict.truth}**"
    if verdict.given is not None and not verdict.right:
        head += f" (you said: {verdict.given})"
    elif verdict.right:
        head += ", as you said"
    return f"{head}. {verdict.reply}"


def how_it_went(event: events.LessonEnded) -> str:
    """Return a line on how a lesson went."""
    count = f"{event.played} step{'' if event.played == 1 else 's'}"
    line = f"{event.lesson.title}: {count} ran for {event.seconds:.1f} s"
    if event.skipped:
        line += f", {event.skipped} skipped"
    if not event.failed:
        return f"{line}, all done"
    numbers = ", ".join(str(step.number) for step in event.failed)
    return f"{line}, failed: {numbers}"


def stopped(event: events.Stopped) -> str:
    """Return where the learner left, and the command that goes on."""
    where = ""
    if event.step is not None:
        where = f" at step {event.step.number} of {event.total}"
    return f"\nStopped{where}. To go on:\n\n    {event.command}"
