"""What bare `netbasics` prints: the lessons, and what comes next."""

import ast
from pathlib import Path

from netbasics.cli.program import program
from netbasics.course import locate
from netbasics.course.lesson import split_heading

__all__ = ["overview"]


def overview() -> str:
    """Return the lessons with the command that plays each."""
    me = program()
    lines = ["Learn networking in Python by running it. The lessons:", ""]
    for path in locate.scripts():
        title, subtitle = _heading(path)
        lines.append(f"  {path.name[:2]}  {title}: {subtitle}")
    lines += [
        "",
        "Begin with the first, or play all:",
        f"  {me} learn 01",
        f"  {me} learn --all",
        "Practice APIs, a view of the bytes, rude peers, textbooks offline:",
        f"  {me} --help",
    ]
    return "\n".join(lines)


def _heading(path: Path) -> tuple[str, str]:
    """Read a lesson's title out of its file, without running it."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    return split_heading((doc or path.stem).split("\n")[0])
