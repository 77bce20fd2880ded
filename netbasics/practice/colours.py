"""Practising on a terminal: colours, a new screen for each verdict."""

from rich.console import Console
from rich.control import Control
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.segment import ControlType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from netbasics.practice.catalogue import Exercise
from netbasics.practice.findings import Finding
from netbasics.practice.messages import tell_in_a_line
from netbasics.practice.screen import PlainScreen, keys_now

__all__ = ["ColourScreen"]

SIGNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
AFTER = 0.5  # seconds until the turning sign is drawn
NARROW = 58  # columns that code needs to stand beside other code
THEME = "ansi_dark"  # the terminal's own palette, whatever its ground
LABELS = r"(?m)^  (called|expected|got):|^What passed:|^Your lines.*"
CLEAR_ROW = (
    (ControlType.CURSOR_MOVE_TO_COLUMN, 0),
    (ControlType.ERASE_IN_LINE, 2),
)


class ColourScreen(PlainScreen):
    """The same on a terminal.

    Args:
        console: The terminal.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console.file)
        self._console = console
        self._spinning = False

    def verdict(self, exercise: Exercise, finding: Finding) -> None:
        """Show a failure."""
        super().verdict(exercise, finding)
        # A long message has scrolled its beginning away.
        self._console.print(Text(tell_in_a_line(exercise, finding), "red"))
        self._console.print()

    def solution(self, exercise: Exercise, own: str) -> None:
        """Show both solutions, side by side if there is room."""
        reference = exercise.solution.read_text("utf-8")
        titled = self._titled(own, reference)
        if self._console.width >= 2 * NARROW + 2:
            table = Table.grid(expand=True, padding=(0, 1))
            table.add_column(ratio=1)
            table.add_column(ratio=1)
            table.add_row(*(_panel(*each) for each in titled))
            self._console.print(table)
        else:
            for each in titled:
                self._console.print(_panel(*each))

    def prompt(self, passed: bool) -> None:
        """Show what can be done now."""
        self._console.print(Text(f" {keys_now(passed)} ", "reverse"))

    def running(self, seconds: float | None) -> None:
        """Turn a sign in the present row."""
        if seconds is None or seconds < AFTER:
            if self._spinning:
                self._console.control(Control(*CLEAR_ROW))
                self._spinning = False
            return
        sign = SIGNS[int(seconds * 10) % len(SIGNS)]
        self._console.control(Control(*CLEAR_ROW))
        self._console.print(
            Text(f"{sign} checking, {seconds:.0f} s", "dim"), end=""
        )
        self._spinning = True

    def _fresh(self) -> None:
        self._console.clear()

    def _good(self, text: str) -> None:
        self._console.print(Text(text, "bold green"))
        self._console.print()

    def _heading(self, text: str) -> None:
        self._console.print(Rule(Text(text, "bold"), align="left"))
        self._console.print()

    def _explanation(self, markdown: str) -> None:
        text = Markdown(markdown, code_theme=THEME)
        self._console.print(Padding(text, (0, 0, 1, 0)), width=self._width)

    def _write(self, *blocks: str) -> None:
        for block in blocks:
            text = Text(block)
            text.highlight_regex(LABELS, "cyan")
            text.highlight_regex(r"`[^`\n]+`", "bold")
            # A path or a command is there to be copied: not folded by us.
            self._console.print(text, soft_wrap=True)
            self._console.print()

    @property
    def _width(self) -> int:
        return min(80, self._console.width)


def _panel(title: str, source: str) -> Panel:
    code = Syntax(
        source.strip("\n"),
        "python",
        theme=THEME,
        background_color="default",
        word_wrap=True,
    )
    return Panel(code, title=title, title_align="left", padding=(0, 1))
