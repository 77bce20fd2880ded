"""The exercises: each is a folder, and `exercise.toml` in it says the rest.

lessons/exercises/01_socket_programming/recv_exactly/
    recv_exactly.py        the stub, whose docstring is the whole contract
    test_recv_exactly.py   the check
    solution.py            the reference solution
    alternatives/          other solutions that are right
    mistakes/              plausible ones that are wrong
    exercise.toml          number, title, hints, explanation, ...
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netbasics.places import lessons

__all__ = ["Exercise", "Mistake", "exercises", "find", "folder", "read"]

HINTS = 3


@dataclass(frozen=True)
class Mistake:
    """A plausible wrong answer, and what must be said of it.

    Args:
        path: The file.
        says: Words that the failure's message must have in it.
    """

    path: Path
    says: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        name: What is to be written, in lower case; the folder's name.
        number: As in the course: `"1W"`, `"1.1"`.
        title: What it is about, in a few words.
        function: The function or class that the learner writes.
        hard: Whether it is one of the hard ones, marked `*`.
        seconds: How long one test may take before it counts as hanging.
        hints: A nudge, the idea, nearly the code.
        explanation: What is shown after a pass, in Markdown.
        place: The folder.
        mistakes: The wrong answers.
    """

    name: str
    number: str
    title: str
    function: str
    hard: bool
    seconds: float
    hints: tuple[str, ...]
    explanation: str
    place: Path
    mistakes: tuple[Mistake, ...]

    @property
    def lesson(self) -> int:
        """The lesson that it belongs to."""
        return int(self.number[0])

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands: lesson, and place within it; a warm-up is 0."""
        rest = self.number[1:]
        return self.lesson, 0 if rest == "W" else int(rest.removeprefix("."))

    @property
    def stub(self) -> Path:
        """What the learner begins with."""
        return self.place / f"{self.name}.py"

    @property
    def test(self) -> Path:
        """The check."""
        return self.place / f"test_{self.name}.py"

    @property
    def solution(self) -> Path:
        """The reference solution."""
        return self.place / "solution.py"

    @property
    def alternatives(self) -> list[Path]:
        """Other solutions that are right."""
        return sorted((self.place / "alternatives").glob("*.py"))

    @property
    def signature(self) -> str:
        """The first line of what is to be written, as the stub has it."""
        node = definition(self.stub.read_text("utf-8"), self.function)
        return f"{self.function}{_arguments(node)}"

    @property
    def task(self) -> str:
        """What to write, in a line: the first of the stub's docstring."""
        node = definition(self.stub.read_text("utf-8"), self.function)
        return (ast.get_docstring(node) or "").partition("\n")[0]


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition(source: str, name: str) -> Definition:
    """Return the definition of that name at the top level of a source.

    Raises:
        LookupError: There is none.
        SyntaxError: The source is no Python.
    """
    for node in ast.parse(source).body:
        if isinstance(node, Definition) and node.name == name:
            return node
    raise LookupError(f"there is no {name!r} at the top level")


def _arguments(node: Definition) -> str:
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                text = ast.unparse(inner.args)
                return f"({text.removeprefix('self').removeprefix(', ')})"
        return "()"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returns}"


def folder() -> Path:
    """Return the folder of all exercises."""
    return lessons() / "exercises"


@cache
def exercises() -> tuple[Exercise, ...]:
    """Return all exercises in their order."""
    found = [read(path.parent) for path in folder().glob("*/*/exercise.toml")]
    return tuple(sorted(found, key=lambda exercise: exercise.order))


def find(name: str) -> Exercise:
    """Return the exercise of that name or number.

    Raises:
        LookupError: There is none; the message says what there is.

    Example:
        >>> find("1W").name
        'greeting'
        >>> find("greeting").number
        '1W'
    """
    wanted = name.lower().removesuffix(".py").removesuffix("*")
    for exercise in exercises():
        if wanted in (exercise.name, exercise.number.lower()):
            return exercise
    from difflib import get_close_matches

    names = [each.name for each in exercises()]
    near = [each for each in names if wanted and wanted in each]
    near = near or get_close_matches(wanted, names)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    raise LookupError(
        f"there is no exercise {name!r}; {hint}`netbasics list` shows them all"
    )


def read(place: Path) -> Exercise:
    """Read an exercise's folder.

    Raises:
        ValueError: Its `exercise.toml` lacks something, or has too much.
    """
    import tomllib  # not at the top: a check needs none, and starts sooner

    path = place / "exercise.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        mistakes = tuple(
            Mistake(place / "mistakes" / f"{name}.py", says)
            for name, says in data.pop("mistakes").items()
        )
        exercise = Exercise(
            name=place.name,
            number=data.pop("number"),
            title=data.pop("title"),
            function=data.pop("function", place.name),
            hard=data.pop("hard", False),
            seconds=float(data.pop("seconds", 5)),
            hints=tuple(data.pop("hints")),
            explanation=data.pop("explanation").strip(),
            place=place,
            mistakes=mistakes,
        )
    except KeyError as error:
        raise ValueError(f"{path} has no {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
    if data:
        raise ValueError(f"{path} has unknown keys: {', '.join(data)}")
    return exercise
