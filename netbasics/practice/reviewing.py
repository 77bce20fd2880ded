"""Whether an exercise's folder is complete and agrees with itself.

Nothing is run here: what runs shows is `proving`'s affair.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from netbasics.practice.catalogue import (
    HINTS,
    Definition,
    Exercise,
    definition,
)

__all__ = ["parameters", "review"]

LEAST_MISTAKES = 3


def review(exercise: Exercise) -> list[str]:
    """Return what is wrong with an exercise's files, a sentence each."""
    return [
        *_missing(exercise),
        *_texts(exercise),
        *_mistakes(exercise),
        *(_stub(exercise) if exercise.stub.is_file() else ()),
        *(_tests(exercise) if exercise.test.is_file() else ()),
    ]


def _missing(exercise: Exercise) -> Iterator[str]:
    for path in (exercise.stub, exercise.test, exercise.solution):
        if not path.is_file():
            yield f"there is no {path.name}"
    if not exercise.alternatives:
        yield "alternatives/ has no other solution that passes"


def _texts(exercise: Exercise) -> Iterator[str]:
    if exercise.name in sys.stdlib_module_names:
        yield "its name hides a module of the standard library"
    if not exercise.title.strip():
        yield "it has no title"
    if len(exercise.hints) != HINTS or not all(map(str.strip, exercise.hints)):
        yield f"it has {len(exercise.hints)} hints, not {HINTS}"
    if not exercise.explanation:
        yield "it has no explanation"


def _mistakes(exercise: Exercise) -> Iterator[str]:
    named = {mistake.path.name for mistake in exercise.mistakes}
    there = {path.name for path in (exercise.place / "mistakes").glob("*.py")}
    for name in sorted(named - there):
        yield f"exercise.toml names mistakes/{name}, which is not there"
    for name in sorted(there - named):
        yield f"mistakes/{name} is not named in exercise.toml"
    for mistake in exercise.mistakes:
        if not mistake.says.strip():
            yield f"nothing is said of mistakes/{mistake.path.name}"
    if len(there) < LEAST_MISTAKES:
        yield f"mistakes/ has {len(there)} files, not {LEAST_MISTAKES}"


def _stub(exercise: Exercise) -> Iterator[str]:
    tree = ast.parse(exercise.stub.read_text("utf-8"))
    title = exercise.title
    heading = f"{exercise.number} {title}{'' if title[-1:] in '.?!' else '.'}"
    starred = heading.replace(" ", "* ", 1) if exercise.hard else heading
    if ast.get_docstring(tree) not in (heading, starred):
        yield f"the stub's docstring is not {heading!r}"
    try:
        node = definition(exercise.stub.read_text("utf-8"), exercise.function)
    except LookupError as error:
        yield f"in the stub, {error}"
        return
    doc = ast.get_docstring(node) or ""
    if not doc.partition("\n")[0].endswith("."):
        yield "the first line of the stub's docstring is no sentence"
    names = parameters(node)
    for name in names:
        if not re.search(rf"^ +\*{{0,2}}{name}\b[^\n]*:", doc, re.M):
            yield f"the stub's docstring does not say what {name} is"
    if exercise.solution.is_file():
        yield from _agrees(exercise.solution, exercise.function, names)


def _agrees(path: Path, function: str, names: list[str]) -> Iterator[str]:
    try:
        node = definition(path.read_text("utf-8"), function)
    except LookupError as error:
        yield f"in {path.name}, {error}"
        return
    if parameters(node) != names:
        yield f"{path.name} has other parameters than the stub"


def parameters(node: Definition) -> list[str]:
    """Return the names of the arguments, of a class those of `__init__`."""
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                return parameters(inner)[1:]
        return []
    given = node.args
    plain = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs]
    return [arg.arg for arg in [*plain, given.kwarg] if arg is not None]


def _tests(exercise: Exercise) -> Iterator[str]:
    count = 0
    for node in ast.parse(exercise.test.read_text("utf-8")).body:
        if isinstance(node, Definition) and node.name.startswith("test_"):
            count += 1
            if not ast.get_docstring(node):
                yield f"{node.name} does not say what the peer does"
    if not count:
        yield f"{exercise.test.name} has no test"
