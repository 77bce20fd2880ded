"""A step function, read as prose and code.

A step's docstring is its title and what to expect. Each bare string at the top
level of its body is more prose, and what stands between two strings is one
piece of code that is shown, run, and followed by its output:

    @lesson.step
    def half_a_goodbye():
        \"\"\"Half a goodbye.

        What does the server still say after the client is done?
        \"\"\"
        with servers.EchoServer() as server:
            print(sockets.ask(server.address, b"hello"))

        \"\"\"A reply comes: a half-close ends one direction only.\"\"\"

The body runs as if it stood in a script: at module level, with the lesson's
imports, in a namespace of its own. So its variables can be looked at, and each
piece can be pasted into a REPL.
"""

import ast
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from inspect import cleandoc
from types import CodeType, FunctionType
from typing import Any

from netbasics.course.questions import Question
from netbasics.course.sources import at_margin

__all__ = ["HOOK", "Need", "Part", "Step", "read_step"]

HOOK = "__before_closing__"
"""The name that code compiled with `staying` calls."""


@dataclass(frozen=True)
class Need:
    """Something that a step depends on and that a machine may not have.

    Args:
        what: What is needed, for the sentence "needs ...".
        met: Says whether this machine has it.

    Example:
        >>> Need("a second sun", lambda: False).met()
        False
    """

    what: str
    met: Callable[[], bool]


def _nothing() -> ast.Module:
    return ast.Module(body=[], type_ignores=[])


@dataclass(frozen=True)
class Part:
    """A piece of a step: prose, and the code that follows it.

    Either may be empty. `line` is the number of the code's first line in the
    file; `code` is compiled with it, so that a traceback points there.
    `question` is asked before it runs.
    """

    prose: str
    source: str
    line: int
    code: CodeType | None
    question: Question[Any] | None = None
    tree: ast.Module = field(default_factory=_nothing, repr=False)

    def staying(self) -> CodeType | None:
        """Compile the code so that it calls `HOOK` in its last with-block.

        A learner who is let in there finds servers running and connections
        open. Only a with-block that ends the code will do: elsewhere the call
        would come before something that the code has yet to do.

        Returns:
            The code, or None if no with-block ends it.
        """
        if self.code is None:
            return None
        tree = copy.deepcopy(self.tree)
        inner: ast.Module | ast.With = tree
        while isinstance(inner.body[-1], ast.With):
            inner = inner.body[-1]
        if inner is tree:
            return None
        call = ast.Expr(ast.Call(ast.Name(HOOK, ast.Load()), [], []))
        inner.body.append(ast.copy_location(call, inner.body[-1]))
        ast.fix_missing_locations(tree)
        return compile(tree, self.code.co_filename, "exec")


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    `number` counts from 1 within its lesson; `name` is the function's;
    `deeper` marks what goes beyond the core.
    """

    number: int
    name: str
    title: str
    parts: tuple[Part, ...]
    deeper: bool
    needs: tuple[Need, ...]

    def missing(self) -> str | None:
        """Return why the step cannot run here, or None if it can."""
        missing = [need.what for need in self.needs if not need.met()]
        return f"needs {' and '.join(missing)}" if missing else None


def read_step(
    function: FunctionType,
    script: ast.Module,
    lines: list[str],
    *,
    number: int,
    deeper: bool = False,
    needs: Iterable[Need] = (),
    asks: Iterable[Question[Any]] = (),
) -> Step:
    """Read a step function out of its file.

    Args:
        function: The function, as the decorator got it.
        script: The file's syntax tree.
        lines: The file's lines.
        number: Which step of its lesson it is, from 1.
        deeper: Whether it goes beyond the core.
        needs: What it depends on.
        asks: Its questions; each says before which piece of code it belongs.

    Returns:
        The step, its code compiled.

    Raises:
        ValueError: The function has arguments, no docstring, something that
            only a function may have (`return`, `yield`), or a question before
            a piece of code that is not there.
    """
    node = _definition(function, script)
    title, prose = _heading(function.__name__, node)
    parts = []
    for text, body, first, last in _pieces(node, prose):
        # Comments between statements are not in the tree, but in the lines.
        source = "\n".join(lines[first - 1 : last])
        blank = len(source) - len(source.lstrip("\n"))
        tree = ast.Module(body=body, type_ignores=[])
        code = _compiled(tree, function) if body else None
        tidy = at_margin(source).rstrip() if body else ""
        parts.append(Part(text, tidy, first + blank, code, tree=tree))
    return Step(
        number=number,
        name=function.__name__,
        title=title,
        parts=tuple(_with_questions(function.__name__, parts, asks)),
        deeper=deeper,
        needs=tuple(needs),
    )


def _with_questions(
    name: str, parts: list[Part], asks: Iterable[Question[Any]]
) -> list[Part]:
    """Put each question to its piece of code, counted from 1."""
    places = [place for place, part in enumerate(parts) if part.code]
    for question in asks:
        if not 1 <= question.part <= len(places):
            raise ValueError(
                f"the step {name!r} asks before part {question.part}; "
                f"it has {len(places)} pieces of code"
            )
        place = places[question.part - 1]
        if parts[place].question is not None:
            raise ValueError(
                f"the step {name!r} asks twice before part {question.part}"
            )
        parts[place] = replace(parts[place], question=question)
    return parts


def _compiled(tree: ast.Module, function: FunctionType) -> CodeType:
    """Compile statements as those of a script."""
    try:
        return compile(tree, function.__code__.co_filename, "exec")
    except SyntaxError as error:
        raise ValueError(
            f"the step {function.__name__!r} does not run as a script does: "
            f"{error}"
        ) from error


def _definition(function: FunctionType, tree: ast.Module) -> ast.FunctionDef:
    """Find a function's definition by its name and its code's first line."""
    first = function.__code__.co_firstlineno
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            decorators = [d.lineno for d in node.decorator_list]
            if first in (node.lineno, *decorators):
                return node
    name = function.__name__
    raise ValueError(f"the step {name!r} has no plain `def` in its file")


def _heading(name: str, node: ast.FunctionDef) -> tuple[str, str]:
    """Split a step's docstring into title and prose."""
    if ast.unparse(node.args):
        raise ValueError(f"the step {name!r} takes arguments; a step has none")
    doc = ast.get_docstring(node)
    if not doc:
        raise ValueError(f"the step {name!r} has no docstring: its title")
    title, _, prose = doc.partition("\n")
    return title.strip().removesuffix("."), prose.strip("\n")


def _pieces(
    node: ast.FunctionDef, prose: str
) -> list[tuple[str, list[ast.stmt], int, int]]:
    """Cut a body at its bare strings: (prose, statements, first, last line)."""
    doc, *rest = node.body
    pieces = []
    body: list[ast.stmt] = []
    first = (doc.end_lineno or doc.lineno) + 1
    for statement in rest:
        text = _bare_string(statement)
        if text is None:
            body.append(statement)
            continue
        pieces.append((prose, body, first, statement.lineno - 1))
        prose, body = cleandoc(text), []
        first = (statement.end_lineno or statement.lineno) + 1
    pieces.append((prose, body, first, node.end_lineno or node.lineno))
    return [piece for piece in pieces if piece[0] or piece[1]]


def _bare_string(statement: ast.stmt) -> str | None:
    """Return the text of a statement that is nothing but a string."""
    if isinstance(statement, ast.Expr):
        value = statement.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None
