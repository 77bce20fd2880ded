"""What bare `netbasics` prints: the lessons, how far one is, what is next."""

import ast
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from string import printable

import click

from netbasics.cli.program import program
from netbasics.course import locate
from netbasics.course.keys import keyboard
from netbasics.course.lesson import split_heading
from netbasics.course.progress import Progress

__all__ = ["Next", "come_next", "overview", "welcome"]


@dataclass(frozen=True)
class _Lesson:
    """A lesson as its file tells it; loading it would import frameworks."""

    name: str
    title: str
    subtitle: str
    steps: dict[str, str]  # a function's name -> the step's title

    @property
    def number(self) -> str:
        return self.name[:2]


@dataclass(frozen=True)
class Next:
    """What to do next: a sentence, and the lesson to play."""

    sentence: str
    lesson: str


def overview(progress: Progress) -> str:
    """Return the lessons, how far the learner is, and what comes next."""
    me = program()
    lessons = _lessons()
    width = max(len(f"{each.title}: {each.subtitle}") for each in lessons)
    lines = ["Learn networking in Python by running it. The lessons:", ""]
    for each in lessons:
        heading = f"{each.title}: {each.subtitle}"
        done = len(progress.done(each.name) & each.steps.keys())
        seen = f"  {done} of {len(each.steps)}" if done else ""
        lines.append(f"  {each.number}  {heading:{width}}{seen}".rstrip())
    ahead = come_next(progress)
    lines += [
        "",
        *([ahead.sentence] if ahead else ["You have seen them all."]),
        f"  {me} learn {ahead.lesson if ahead else 'NN'}",
        f"  {me} learn --all",
        *_practice(me),
        "Practice APIs, a view of the bytes, rude peers, textbooks offline:",
        f"  {me} --help",
    ]
    return "\n".join(lines)


def _practice(me: str) -> list[str]:
    """Return how far the learner is with the exercises, and how to go on."""
    from netbasics.practice.workspace import NoWorkspace, Workspace

    try:
        work = Workspace.find(Path.cwd())
    except NoWorkspace:
        return ["Exercises to write yourself, with checks:", f"  {me} init"]
    done, all_ = len(work.done()), len(work.course)
    return [f"{done} of {all_} exercises are done:", f"  {me} practice"]


def welcome() -> None:
    """Print the overview; in a terminal, offer to go on."""
    progress = Progress()
    click.echo(overview(progress))
    ahead = come_next(progress)
    for notice in progress.notices:
        click.echo(notice, err=True)
    if not ahead or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    offer = f"\n[Enter: lesson {ahead.lesson}   any other key: not now] "
    lines = os.environ.get("TERM") in ("dumb", "unknown")
    try:
        typed = keyboard(sys.stdin, sys.stdout, lines=lines).ask(
            lambda: click.echo(offer, nl=False), printable
        )
    except (EOFError, KeyboardInterrupt):
        typed = "q"
    click.echo()
    if not typed:
        from netbasics.cli.learn import command

        command.main([ahead.lesson], prog_name=f"{program()} learn")


def come_next(progress: Progress) -> Next | None:
    """Return what the learner does next; None when all lessons are done."""
    lessons = {each.name: each for each in _lessons()}
    latest = progress.latest(lessons)
    if latest and latest[1] in lessons[latest[0]].steps:
        lesson = lessons[latest[0]]
        number = list(lesson.steps).index(latest[1]) + 1
        title = lesson.steps[latest[1]]
        return Next(f"Go on with step {number}, {title}:", lesson.number)
    for lesson in lessons.values():
        if not lesson.steps.keys() <= progress.done(lesson.name):
            first = lesson.number == "01"
            ordinal = "Begin with the first" if first else "Go on with the next"
            return Next(f"{ordinal}, or play all:", lesson.number)
    return None


def _lessons() -> list[_Lesson]:
    return [_read(path) for path in locate.scripts()]


def _read(path: Path) -> _Lesson:
    """Read a lesson's headings out of its file, without running it."""
    tree = ast.parse(path.read_text("utf-8"))
    title, subtitle = split_heading(_first_line(tree) or path.stem)
    steps = {
        node.name: _first_line(node).removesuffix(".")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("lesson.step" in ast.unparse(d) for d in node.decorator_list)
    }
    return _Lesson(path.stem, title, subtitle, steps)


def _first_line(node: ast.Module | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]
