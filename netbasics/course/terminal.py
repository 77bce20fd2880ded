"""The terminal view: a lesson in colour, a screenful at a time."""

import re
from collections.abc import Iterator
from typing import TextIO

from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    RenderableType,
    RenderResult,
)
from rich.control import Control
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import ControlType, Segment, Segments
from rich.syntax import Syntax
from rich.text import Text
from rich.theme import Theme

from netbasics.course import events
from netbasics.course.events import Action, Event, Pause
from netbasics.course.keys import Ask
from netbasics.course.plain import last_state, stopped, verdict

__all__ = ["TerminalView", "console"]

WIDTH = 80
# Colours of the terminal's own palette, so that they fit its background.
CODE_THEME = "ansi_dark"
THEME = Theme({"markdown.code": "bold cyan"})  # rich's own has a black ground


def console(stream: TextIO) -> Console:
    """Return a console in the course's colours that writes to `stream`."""
    return Console(file=stream, highlight=False, theme=THEME)


class TerminalView:
    """Draw a lesson on a terminal.

    What would scroll away before it could be read waits for Enter first.

    Args:
        console: The terminal.
        ask: Reads one line from the learner after showing a prompt; None
            plays straight through.
    """

    def __init__(self, console: Console, ask: Ask | None = None) -> None:
        self._console = console
        self._ask = ask
        self._rows = 0  # how many were written since the learner last looked
        self._line = ""  # an output line that has not ended yet
        self._printing = False
        self._heading: Rule | None = None

    @property
    def _width(self) -> int:
        return min(WIDTH, self._console.width)

    def show(self, event: Event) -> None:
        """Draw one event.

        Raises:
            KeyboardInterrupt: The learner left at the end of a screen.
        """
        if isinstance(event, events.Output):
            self._output(event)
            return
        self._end_output()
        if isinstance(event, events.Stopped):
            # A command is there to be copied: the terminal folds it, not we.
            self._console.print(stopped(event), soft_wrap=True)
            return
        for block in self._blocks(event):
            self._draw(block)

    def wait(self, pause: Pause) -> Action:
        """Ask for Enter where someone is there to press it."""
        self._end_output()
        if self._ask is None:
            return "go"
        return self._prompt(pause.before)

    def _blocks(self, event: Event) -> Iterator[RenderableType]:
        """Yield what an event looks like, block by block."""
        match event:
            case events.LessonBegan(lesson, introduce):
                number = f"Lesson {lesson.number}  " if lesson.number else ""
                title = _title(number, lesson.title)
                yield Rule(title, characters="═", style="cyan")
                yield Text(lesson.subtitle, "italic", justify="center")
                if introduce and lesson.introduction:
                    yield _prose(lesson.introduction)
                if lesson.imports:
                    prose = _prose("Every step can use these names:")
                    yield Group(prose, _code(lesson.imports))
            case events.StepBegan(step, total):
                title = _title(f"{step.number}/{total}  ", step.title)
                # Drawn together with what comes next, not alone at the bottom.
                self._heading = Rule(title, align="left", style="cyan")
            case events.Prose(text):
                yield _prose(text)
            case events.Code(source):
                yield _code(source, narrow=self._console.width < WIDTH)
            case events.Failed(_, traceback):
                yield Text("This step failed:", "bold red")
                yield Padding(Text(traceback, "red"), (0, 0, 1, 2))
            case events.Skipped(reason):
                yield Text(f"Skipped: this step {reason}.\n", "yellow")
            case events.LessonEnded(lesson, conclude, failed=failed):
                if conclude and lesson.closing:
                    title = Text("What you have seen", "bold")
                    rule = Rule(title, align="left", style="cyan")
                    yield Group(rule, _prose(lesson.closing))
                style = "bold red" if failed else "bold green"
                yield Rule(Text(verdict(event), style), characters="═")

    def _draw(self, block: RenderableType) -> None:
        """Write a block, waiting first if it would push others away."""
        if self._heading is not None:
            block, self._heading = Group(self._heading, block), None
        options = self._console.options.update(width=self._width)
        lines = self._console.render_lines(block, options, pad=False)
        screen = max(self._console.height - 2, 5)
        if self._rows and self._rows + len(lines) > screen:
            self._more()
        for line in lines:
            if self._rows >= screen:
                self._more()
            self._console.print(Segments([*line, Segment.line()]), end="")
            self._rows += 1

    def _more(self) -> None:
        if self._ask is not None and self._prompt("more") == "leave":
            raise KeyboardInterrupt
        self._rows = 0

    def _prompt(self, what: str) -> Action:
        """Ask, and take the prompt's own line off the screen again."""
        assert self._ask is not None
        self._console.print(
            Text(f"Enter: {what}   q Enter: quit ", "reverse"), end=" "
        )
        action = self._ask("")
        self._console.control(
            Control(
                (ControlType.CURSOR_UP, 1),
                (ControlType.CURSOR_MOVE_TO_COLUMN, 0),
                (ControlType.ERASE_IN_LINE, 2),
            )
        )
        self._rows = 0
        return action

    def _output(self, event: events.Output) -> None:
        """Write output behind a bar as it comes, unfinished lines too."""
        self._printing = True
        style = "yellow" if event.stream == "stderr" else "green"
        if self._line:
            self._back()
        *whole, self._line = (self._line + event.text).split("\n")
        for line in whole:
            self._bar(last_state(line), style)
        if self._line:
            self._bar(last_state(self._line), style, end="")

    def _bar(self, line: str, style: str, end: str = "\n") -> None:
        """Write one line, folded at the width, a bar before each piece."""
        width = self._width - 2
        # A tab counts as one sign below and would be wider on the screen.
        line = line.expandtabs()
        pieces = re.findall(f".{{1,{width}}}", line) or [""]
        if not end:
            pieces = pieces[-1:]  # only a single row can be written again
        for number, piece in enumerate(pieces, 1):
            text = Text.assemble(("│ ", "dim"), (piece, style))
            last = number == len(pieces)
            self._console.print(
                text, end=end if last else "\n", no_wrap=True, soft_wrap=True
            )
            self._rows += 1

    def _back(self) -> None:
        """Return to the start of the row that an unfinished line is on."""
        self._console.control(
            Control(
                (ControlType.CURSOR_MOVE_TO_COLUMN, 0),
                (ControlType.ERASE_IN_LINE, 2),
            )
        )
        self._rows -= 1

    def _end_output(self) -> None:
        if self._line:
            self._console.print()
            self._line = ""
        if self._printing:
            self._console.print()
            self._rows += 1
            self._printing = False


def _title(number: str, text: str) -> Text:
    return Text.assemble((number, "bold cyan"), (text, "bold"))


def _prose(markdown: str) -> RenderableType:
    return Padding(_Markdown(markdown), (0, 0, 1, 0))


class _Picture(CodeBlock):
    """A fenced block as it is written; rich's own has blank rows around it."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        yield Padding(Text(str(self.text).rstrip()), (0, 0, 0, 4))


class _Markdown(Markdown):
    elements = {  # noqa: RUF012  as rich declares it
        **Markdown.elements,
        "fence": _Picture,
        "code_block": _Picture,
    }


def _code(source: str, *, narrow: bool = False) -> RenderableType:
    code = Syntax(
        source,
        "python",
        theme=CODE_THEME,
        background_color="default",
        # Where a line does not fit, it is folded: cut, it would be wrong.
        word_wrap=narrow,
    )
    return Padding(code, (0, 0, 1, 0 if narrow else 4))
