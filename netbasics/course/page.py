"""A lesson as a page in Markdown, with the output of a real run."""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout

from netbasics import __version__
from netbasics.course import events
from netbasics.course.engine import play
from netbasics.course.events import Action, Event, Pause
from netbasics.course.kernel import keep_off_proxies
from netbasics.course.lesson import Lesson
from netbasics.course.steps import Step
from netbasics.course.texts import happened, how_it_went, last_state

__all__ = ["PageView", "write_page"]


def write_page(lesson: Lesson) -> tuple[str, tuple[Step, ...]]:
    """Run a lesson and write down what happens.

    Args:
        lesson: The lesson; all its steps run, core and deeper.

    Returns:
        The page, and the steps that failed; the page says how.

    Raises:
        netbasics.course.engine.Left: Ctrl-C ended the run.
    """
    keep_off_proxies()
    view = PageView()
    # A page is UTF-8 whatever the terminal is, and a step looks at its stdout
    # to choose its signs.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        failed = play(lesson, lesson.steps, view)
    return view.text(), failed


class PageView:
    """Collect a lesson as a page in Markdown.

    Nobody is there to answer: a question is followed by what the run said.
    """

    attended = False

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._printed = ""

    def text(self) -> str:
        """Return the page as far as it has come."""
        self._end_output()
        return "\n\n".join(self._blocks) + "\n"

    def show(self, event: Event) -> None:
        """Add what an event says."""
        if isinstance(event, events.Output):
            self._printed += event.text
            return
        if isinstance(event, events.Running):
            return
        self._end_output()
        self._blocks.extend(block for block in _blocks(event) if block)

    def wait(self, pause: Pause) -> Action:
        """Go on."""
        return "go"

    def _end_output(self) -> None:
        if self._printed:
            lines = map(last_state, self._printed.rstrip("\n").split("\n"))
            self._blocks.append(fenced("\n".join(map(_shown, lines)), "text"))
            self._printed = ""


def _blocks(event: Event) -> Iterator[str]:
    """Yield what an event says, block by block."""
    match event:
        case events.LessonBegan(lesson):
            yield from _opening(lesson)
        case events.StepBegan(step):
            mark = " *(deeper)*" if step.deeper else ""
            yield f"## {step.number}. {step.title}{mark}"
        case events.Prose(text):
            yield text
        case events.Code(source):
            yield fenced(source, "python")
        case events.Asked(question):
            yield f"**Question:** {question.text}"
            yield "\n".join(
                f"{number}. {choice}"
                for number, choice in enumerate(question.choices, 1)
            )
        case events.Answered(_, verdict):
            yield happened(verdict)
        case events.Failed(_, traceback):
            yield "**This step failed:**"
            yield fenced(traceback, "text")
        case events.Skipped(reason):
            yield f"**Skipped:** this step {reason}."
        case events.LessonEnded(lesson):
            if lesson.closing:
                yield "## What you have seen"
                yield lesson.closing
            yield "---"
            yield f"*{how_it_went(event)}. Written by netbasics {__version__}.*"


def _opening(lesson: Lesson) -> Iterator[str]:
    number = f"Lesson {lesson.number}: " if lesson.number else ""
    yield f"# {number}{lesson.title}"
    if lesson.subtitle:
        yield f"*{lesson.subtitle[0].upper()}{lesson.subtitle[1:]}.*"
    yield lesson.introduction
    if lesson.imports:
        yield "Every step can use these names:"
        yield fenced(lesson.imports, "python")


def fenced(text: str, language: str) -> str:
    """Return text as a block of code, whatever it contains.

    Example:
        >>> print(fenced("a", "text"))
        ```text
        a
        ```
    """
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _shown(line: str) -> str:
    """Return a line of output without what no page can show."""
    return "".join(
        sign
        if sign.isprintable() or sign == "\t"
        else sign.encode("unicode_escape").decode("ascii")
        for sign in line.rstrip()
    )
