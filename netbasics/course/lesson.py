"""A lesson: a script of step functions.

    lesson = Lesson(__file__, __doc__)


    @lesson.step
    def someone_to_talk_to():
        \"\"\"Someone to talk to. ...\"\"\"


    if __name__ == "__main__":
        lesson.main()

The decorator only takes note of the function; nothing runs before the lesson
is played. See `netbasics.course.steps` for what a step may contain.
"""

import ast
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from functools import cached_property
from inspect import cleandoc
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, overload

from netbasics.course.questions import Question
from netbasics.course.steps import Need, Step, read_step

__all__ = ["LINUX", "Lesson", "split_heading"]

LINUX = Need(
    "Linux: other kernels behave differently here",
    lambda: sys.platform == "linux",
)

IMPORT_WIDTH = 72  # columns

Function = TypeVar("Function", bound=Callable[[], None])
Ask = Question[Any] | Iterable[Question[Any]]


def split_heading(line: str) -> tuple[str, str]:
    """Split the first line of a lesson's docstring into title and subtitle.

    >>> split_heading("URL handling: texts that machines read.")
    ('URL handling', 'texts that machines read')
    """
    title, _, subtitle = line.strip().removesuffix(".").partition(":")
    return title.strip(), subtitle.strip()


def _import_lines(start: str, names: str) -> list[str]:
    """Return an import as one statement, or several where one is too long."""
    start = f"{start}import "
    lines = textwrap.wrap(names, IMPORT_WIDTH - len(start))
    return [start + line.removesuffix(",") for line in lines]


class Lesson:
    """A lesson, made of the steps that are declared with its decorator.

    Args:
        file: The script's `__file__`. A name such as `01_sockets.py` gives the
            lesson its number.
        doc: The script's `__doc__`: a title, a colon and a subtitle in the
            first line; below it what one can do after the lesson, in Markdown.

    Raises:
        ValueError: `doc` is missing (as under `python -OO`) or has no title.

    Example:
        >>> lesson = Lesson("09_example.py", "Examples: how a lesson is made.")
        >>> lesson.number, lesson.title, lesson.subtitle
        (9, 'Examples', 'how a lesson is made')
    """

    def __init__(self, file: str, doc: str | None) -> None:
        heading, _, introduction = cleandoc(doc or "").partition("\n")
        if not heading:
            raise ValueError(
                f"{file} has no docstring; its first line is the lesson's title"
            )
        self.path = Path(file)
        self.title, self.subtitle = split_heading(heading)
        self.introduction = introduction.strip("\n")
        self.closing = ""
        found = re.match(r"\d+", self.path.name)
        self.number = int(found[0]) if found else None
        self._declared: list[tuple[FunctionType, dict[str, Any]]] = []

    @overload
    def step(self, function: Function) -> Function: ...
    @overload
    def step(
        self, *, deeper: bool = ..., needs: Iterable[Need] = ..., ask: Ask = ...
    ) -> Callable[[Function], Function]: ...
    def step(
        self,
        function: Function | None = None,
        *,
        deeper: bool = False,
        needs: Iterable[Need] = (),
        ask: Ask = (),
    ) -> Function | Callable[[Function], Function]:
        """Declare the next step; use it as a decorator, with or without `()`.

        Args:
            function: The step function; it takes no arguments.
            deeper: Whether the step goes beyond the core.
            needs: What it depends on; where that is missing it is skipped,
                with the reason.
            ask: A question, or several: what the learner expects of the run.

        Raises:
            TypeError: What is decorated is no function.
        """
        asks = (ask,) if isinstance(ask, Question) else tuple(ask)
        options = {"deeper": deeper, "needs": tuple(needs), "asks": asks}

        def declare(function: Function) -> Function:
            if not isinstance(function, FunctionType):
                raise TypeError(f"a step is a function, not {function!r:.60}")
            self._declared.append((function, options))
            return function

        return declare if function is None else declare(function)

    def ends(self, text: str) -> None:
        """Set what is shown after the last step, in Markdown."""
        self.closing = cleandoc(text)

    @cached_property
    def text(self) -> str:
        """The script itself."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The script's syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in their order, read when they are first asked for."""
        lines = self.text.splitlines()
        return tuple(
            read_step(function, self.tree, lines, number=number, **options)
            for number, (function, options) in enumerate(self._declared, 1)
        )

    @cached_property
    def imports(self) -> str:
        """The imports that every step may use, as source of few lines."""
        nodes = list(self.tree.body)
        for node in self.tree.body:
            if isinstance(node, ast.Try):
                nodes.extend(node.body)
        modules, others = [], []
        for node in nodes:
            if isinstance(node, ast.Import):
                modules.append(ast.unparse(node).removeprefix("import "))
            elif isinstance(node, ast.ImportFrom) and (
                node.module != "netbasics.course"
            ):
                start, _, names = ast.unparse(node).partition("import ")
                others.extend(_import_lines(start, names))
        lines = _import_lines("", ", ".join(sorted(modules)))
        return "\n".join(lines + sorted(others))

    def namespace(self) -> dict[str, object]:
        """Return a fresh copy of the script's names for a step to run in."""
        if not self._declared:
            return {}
        return dict(self._declared[0][0].__globals__)

    def main(self) -> None:
        """Play the lesson as the command line says; this ends the program."""
        from netbasics.course.play import script

        script(self)

    def __repr__(self) -> str:
        return (
            f"<Lesson {self.title!r}, {len(self._declared)} steps, {self.path}>"
        )
