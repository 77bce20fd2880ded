"""The terminal view: a lesson in colour, a screenful at a time."""

import re
import threading
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

from netbasics.course import asking, desk, events
from netbasics.course.events import Action, Answer, Event, Pause
from netbasics.course.keys import Keyboard
from netbasics.course.spinner import Spinner
from netbasics.course.texts import (
    choices,
    happened,
    how_it_went,
    last_state,
    stopped,
)

__all__ = ["TerminalView", "console"]

WIDTH = 80
# Colours of the terminal's own palette, so that they fit its background.
CODE_THEME = "ansi_dark"
CLEAR_ROW = (
    (ControlType.CURSOR_MOVE_TO_COLUMN, 0),
    (ControlType.ERASE_IN_LINE, 2),
)
THEME = Theme({"markdown.code": "bold cyan"})  # rich's own has a black ground


def console(stream: TextIO) -> Console:
    """Return a console in the course's colours that writes to `stream`."""
    return Console(file=stream, highlight=False, theme=THEME)


class TerminalView:
    """Draw a lesson on a terminal.

    What would scroll away before it could be read waits for Enter first.

    Args:
        console: The terminal.
        keyboard: Where the learner answers; None plays straight through.
    """

    def __init__(
        self, console: Console, keyboard: Keyboard | None = None
    ) -> None:
        self._console = console
        self._keyboard = keyboard
        self._lock = threading.RLock()  # the spinner draws from its own thread
        self._spinner: Spinner | None = None
        self._rows = 0  # how many were written since the learner last looked
        self._line = ""  # an output line that has not ended yet
        self._printing = False
        self._heading: Rule | None = None

    @property
    def _width(self) -> int:
        return min(WIDTH, self._console.width)

    @property
    def attended(self) -> bool:
        """Whether a learner is there to be asked."""
        return self._keyboard is not None

    def show(self, event: Event) -> None:
        """Draw one event.

        Raises:
            KeyboardInterrupt: The learner left at the end of a screen.
        """
        if isinstance(event, events.Output):
            with self._lock:
                if self._spinner is not None:
                    self._spinner.clear()
                self._output(event)
            return
        if isinstance(event, events.Running):
            self._spin(event.on)
            return
        self._end_output()
        if isinstance(event, events.Stopped):
            # A command is there to be copied: the terminal folds it, not we.
            self._console.print(stopped(event), soft_wrap=True)
            return
        for block in self._blocks(event):
            self._draw(block)
        if isinstance(event, events.AtPrompt | events.Editing):
            desk.serve(event)
            self._console.print()
            self._rows = 0

    def wait(self, pause: Pause) -> Action | Answer:
        """Ask, where someone is there to answer."""
        self._end_output()
        if self._keyboard is None:
            return "go"
        return self._prompt(pause)

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
            case events.Asked(question):
                below = _inline(choices(question))
                if question.choices:
                    below.append("\n")
                yield Group(_Markdown(question.text, style="bold"), below)
            case events.Answered(_, verdict):
                color = "green" if verdict.right else "cyan"
                yield Padding(
                    _Markdown(happened(verdict)), (0, 0, 1, 0), style=color
                )
            case events.Wire(drawing):
                picture = Text(drawing.diagram(width=self._width))
                yield Padding(picture, (0, 0, 1, 0))
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
                yield Rule(Text(how_it_went(event), style), characters="═")

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
        if self._keyboard and self._prompt(Pause("more")) == "leave":
            raise KeyboardInterrupt
        self._rows = 0

    def _prompt(self, pause: Pause) -> Action | Answer:
        """Ask, and take the prompt's own line off the screen again."""
        assert self._keyboard is not None
        sign = Text(f" {asking.prompt(pause)} ", "reverse")

        def draw() -> None:
            self._console.print(sign, end=" ", soft_wrap=True)

        def tell(text: str) -> None:
            self._erase()
            self._console.print(Padding(Text(text), (0, 0, 1, 2)))

        answer = asking.ask(self._keyboard, pause, draw, tell)
        self._erase()
        self._rows = 0
        return answer

    def _erase(self) -> None:
        """Take the prompt off the screen."""
        up = [(ControlType.CURSOR_UP, 1)] * bool(
            self._keyboard and self._keyboard.moves
        )
        self._console.control(Control(*up, *CLEAR_ROW))

    def _spin(self, on: bool) -> None:
        """Show that something runs, or no longer."""
        if on and self._keyboard is not None:
            self._spinner = Spinner(self._running, self._lock)
        elif self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _running(self, text: str) -> None:
        """Draw the spinner's text below an unfinished line, or in its row."""
        if self._line:
            return
        self._console.control(Control(*CLEAR_ROW))
        self._console.print(Text(text, "dim"), end="")

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
        self._console.control(Control(*CLEAR_ROW))
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
    return Text(number, "bold cyan") + _inline(text, "bold")


def _inline(text: str, style: str = "") -> Text:
    """Return a line whose code, in backticks, is coloured as code."""
    out = Text()
    for number, piece in enumerate(text.split("`")):
        out.append(piece, "markdown.code" if number % 2 else style)
    return out


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
