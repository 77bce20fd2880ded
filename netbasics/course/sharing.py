"""Which names a step takes from its script, and which it changes.

In a lesson each step has a namespace of its own. In a notebook all cells share
one: what a step calls `requests` or `open`, the next step would get.
"""

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator

from netbasics.course.lesson import Lesson
from netbasics.course.steps import Step

__all__ = [
    "Sharing",
    "bound",
    "needs_of",
    "used",
]

COURSE = "netbasics.course"


def bound(source: str) -> set[str]:
    r"""Return the names that code gives a value where it stands.

    Example:
        >>> sorted(bound("import os.path as p\nfor n in [1]:\n    m = n"))
        ['m', 'n', 'p']
    """
    return set(_assigned(symtable.symtable(source, "<step>", "exec")))


def _assigned(table: symtable.SymbolTable) -> Iterator[str]:
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if (symbol.is_assigned() or symbol.is_imported()) and (
            top or symbol.is_declared_global()
        ):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _assigned(inner)


def used(source: str) -> set[str]:
    """Return all names that code speaks of.

    Example:
        >>> sorted(used("x = os.path"))
        ['os', 'x']
    """
    tree = ast.parse(source)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def needs_of(lesson: Lesson, step: Step) -> str:
    """Return the source of what a step needs; empty if it needs nothing."""
    for node in lesson.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == step.name:
            for decorator in node.decorator_list:
                for keyword in getattr(decorator, "keywords", []):
                    if keyword.arg == "needs":
                        return ast.unparse(keyword.value)
    return ""


class Sharing:
    """Keeps the steps of one notebook out of each other's way.

    Args:
        lesson: The lesson that the notebook is made of.
    """

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._imports = dict(_imports(lesson.tree))
        self._helpers = list(_helpers(lesson))
        self._changed: set[str] = set()
        wanted = set().union(*(_wanted(lesson, step) for step in lesson.steps))
        self._closed = self._closure(wanted)

    def definitions(self) -> str:
        """Return what the script defines beside its steps, and they use.

        The imports of `Lesson.imports` are not among them.
        """
        head = f"from {COURSE} import "
        course = [
            line.removeprefix(head)
            for name, line in sorted(self._imports.items())
            if name in self._closed and line.startswith(head)
        ]
        helpers = [
            source for source in self._helpers if bound(source) & self._closed
        ]
        if course:
            helpers.insert(0, head + ", ".join(course))
        return "\n\n".join(helpers)

    def repeated(self, step: Step) -> str:
        """Return what has to stand before a step, as source; often nothing.

        Call it for one step after the other: it is about what those before it
        have changed.
        """
        lines = []
        for name in sorted(self._closure(_wanted(self._lesson, step))):
            if name in self._changed and (line := self._origin(name)):
                lines.append(line)
                self._changed.discard(name)
        for part in step.parts:
            self._changed |= bound(part.source)
        return "\n".join(lines)

    def _origin(self, name: str) -> str:
        """Return the source that gives a name its meaning back."""
        if name in self._imports:
            return self._imports[name]
        for source in self._helpers:
            if name in bound(source):
                return source
        # A `_` is there only once a prompt has shown something.
        if hasattr(builtins, name) and not name.startswith("_"):
            return f"from builtins import {name}"
        return ""  # a step's own name

    def _closure(self, names: Iterable[str]) -> set[str]:
        """Add what the helpers among the names use in their turn."""
        found: set[str] = set()
        fresh = set(names)
        while fresh:
            found |= fresh
            fresh = {
                name
                for source in self._helpers
                if bound(source) & fresh
                for name in used(source)
            } - found
        return found


def _wanted(lesson: Lesson, step: Step) -> set[str]:
    sources = [part.source for part in step.parts]
    return used("\n".join([*sources, needs_of(lesson, step)]))


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that the script imports, and an import of it alone."""
    for node in [*tree.body, *(_tried(tree))]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                if isinstance(node, ast.Import):
                    alone: ast.stmt = ast.Import([alias])
                else:
                    alone = ast.ImportFrom(node.module, [alias], node.level)
                yield name, ast.unparse(alone)


def _tried(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        if isinstance(node, ast.Try):
            yield from node.body


def _helpers(lesson: Lesson) -> Iterator[str]:
    """Yield the script's own definitions, those that are no steps."""
    steps = {step.name for step in lesson.steps}
    lines = lesson.text.splitlines()
    for node in lesson.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            wanted = node.name not in steps
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            # Not the lesson itself: a notebook has its cells.
            wanted = "Lesson(" not in ast.unparse(node)
        else:
            wanted = isinstance(node, ast.ClassDef)
        if wanted:
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(each.lineno for each in decorators)])
            yield "\n".join(lines[first - 1 : node.end_lineno])
