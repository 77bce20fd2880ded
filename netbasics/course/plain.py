"""The plain view: a lesson as text, for pipes, dumb terminals and readers.

No colour, no boxes, no cursor movement, at most 80 columns. Code is indented
by four; what the code printed stands behind a bar.
"""

import textwrap
from collections.abc import Iterator
from typing import Any, TextIO

from netbasics.course import asking, desk, events
from netbasics.course.events import Action, Answer, Event, Pause
from netbasics.course.keys import Keyboard
from netbasics.course.questions import Question, Verdict

__all__ = [
    "PlainView",
    "choices",
    "happened",
    "how_it_went",
    "last_state",
    "readable",
    "stopped",
    "wrap",
]

WIDTH = 80
BAR = "  | "
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


class PlainView:
    """Write a lesson as plain text.

    Args:
        stream: Where to write.
        keyboard: Where the learner answers; None plays straight through.
        width: Columns.
    """

    def __init__(
        self,
        stream: TextIO,
        keyboard: Keyboard | None = None,
        *,
        width: int = WIDTH,
    ) -> None:
        self._stream = stream
        self._keyboard = keyboard
        self._width = width
        self._line = ""  # an output line that has not ended yet
        self._printing = False

    @property
    def attended(self) -> bool:
        """Whether a learner is there to be asked."""
        return self._keyboard is not None

    def show(self, event: Event) -> None:
        """Write one event."""
        if isinstance(event, events.Output):
            self._output(event.text)
            return
        self._end_output()
        for text in self._texts(event):
            self._write(text)
        desk.serve(event)

    def wait(self, pause: Pause) -> Action | Answer:
        """Ask, where someone is there to answer."""
        self._end_output()
        if self._keyboard is None:
            return "go"
        sign = f"[{asking.prompt(pause)}] "
        answer = asking.ask(
            self._keyboard, pause, lambda: self._write(sign, end=""), self._tell
        )
        if not self._keyboard.moves:
            self._write("", end="\n")
        return answer

    def _tell(self, text: str) -> None:
        if self._keyboard and not self._keyboard.moves:
            self._write("", end="\n")
        self._write(text)

    def _texts(self, event: Event) -> Iterator[str]:
        """Yield what an event says, block by block."""
        match event:
            case events.LessonBegan(lesson, introduce):
                number = f"Lesson {lesson.number}: " if lesson.number else ""
                yield self._title(number + lesson.title, "=")
                if lesson.subtitle:
                    subtitle = lesson.subtitle
                    yield wrap(
                        f"{subtitle[0].upper()}{subtitle[1:]}.", self._width
                    )
                if introduce and lesson.introduction:
                    yield wrap(lesson.introduction, self._width)
                if lesson.imports:
                    yield "Every step can use these names:"
                    yield textwrap.indent(lesson.imports, "    ")
            case events.StepBegan(step, total):
                heading = f"Step {step.number} of {total}: {step.title}"
                yield self._title(heading, "-")
            case events.Prose(text):
                yield wrap(text, self._width)
            case events.Code(source):
                yield textwrap.indent(source, "    ")
            case events.Asked(question):
                yield wrap(f"Question: {question.text}", self._width)
                if question.choices:
                    yield choices(question)
            case events.Answered(question, verdict):
                yield wrap(happened(verdict), self._width)
            case events.Wire(drawing):
                yield drawing.diagram(width=self._width)
            case events.Failed(_, traceback):
                yield "This step failed:"
                yield textwrap.indent(traceback, BAR, lambda line: True)
            case events.Skipped(reason):
                yield wrap(f"Skipped: this step {reason}.", self._width)
            case events.LessonEnded(lesson, conclude):
                if conclude and lesson.closing:
                    yield self._title("What you have seen", "-")
                    yield wrap(lesson.closing, self._width)
                yield self._title(how_it_went(event), "=")
            case events.Stopped():
                yield stopped(event)

    def _title(self, text: str, sign: str) -> str:
        line = sign * self._width
        return f"{line}\n{text}\n{line}"

    def _output(self, text: str) -> None:
        """Write output behind a bar; of a line rewritten by CR, its last."""
        self._printing = True
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            self._write(BAR + last_state(line), end="\n")
        self._stream.flush()

    def _end_output(self) -> None:
        if self._line:
            self._write(BAR + last_state(self._line), end="\n")
            self._line = ""
        if self._printing:
            self._write("", end="\n")
            self._printing = False

    def _write(self, text: str, end: str = "\n\n") -> None:
        encoding = getattr(self._stream, "encoding", None)
        lines = [line.rstrip() for line in text.split("\n")] if end else [text]
        self._stream.write(readable("\n".join(lines), encoding) + end)
        self._stream.flush()


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
