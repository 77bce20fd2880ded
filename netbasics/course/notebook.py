"""A lesson as a Jupyter notebook.

The cells come from the lesson itself: its prose, its code, its questions. They
have no output yet; they run from top to bottom in a fresh kernel. The format
is nbformat 4.5, which is JSON, so no package of Jupyter's is needed to write
it.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from netbasics import __version__
from netbasics.course.lesson import Lesson
from netbasics.course.questions import Choice, Number, Question, Text
from netbasics.course.sharing import (
    Sharing,
    needs_of,
)
from netbasics.course.sources import indented
from netbasics.course.steps import Step

__all__ = ["notebook"]

SETUP = """\
# A notebook runs in an event loop, and in one `asyncio.run` refuses to start.
# This lets it start, in a thread of its own, and keeps proxies out of the way.
from netbasics.course.kernel import prepare

prepare()"""
ABOUT = (
    "This notebook was made by `netbasics export`. Its kernel has to be a "
    "Python with netbasics. Run the cells from top to bottom."
)
AGAIN = "# A step before this one used the name for something else."
RUNS = "this_step_runs"
CHECK = f"""\
# Where this machine lacks what they need, these cells do nothing.
from netbasics.course.kernel import can_run

{RUNS} = """

Cell = dict[str, Any]


def notebook(lesson: Lesson) -> str:
    r"""Return a lesson as a notebook.

    The same lesson always gives the same text, so versions can be compared.

    Args:
        lesson: The lesson, core and deeper.

    Returns:
        A JSON document; write it to a file that ends in `.ipynb`.

    Example:
        >>> from netbasics.course import locate
        >>> lesson = locate.load(locate.find("01"))
        >>> cells = json.loads(notebook(lesson))["cells"]
        >>> cells[0]["source"][0]
        '# Lesson 1: Socket programming\n'
    """
    document = {
        "cells": list(_cells(lesson)),
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"file_extension": ".py", "name": "python"},
            "netbasics": {"lesson": lesson.path.stem, "version": __version__},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _cells(lesson: Lesson) -> Iterator[Cell]:
    sharing = Sharing(lesson)
    number = f"Lesson {lesson.number}: " if lesson.number else ""
    title = f"# {number}{lesson.title}"
    if lesson.subtitle:
        title += f"\n\n*{lesson.subtitle[0].upper()}{lesson.subtitle[1:]}.*"
    yield _prose("title", f"{title}\n\n{lesson.introduction}\n\n*{ABOUT}*")
    yield _code("setup", SETUP)
    if names := f"{lesson.imports}\n\n{sharing.definitions()}".strip():
        yield _prose("names", "Every step can use these names:")
        yield _code("imports", names)
    for step in lesson.steps:
        yield from _step(lesson, step, sharing.repeated(step))
    if lesson.closing:
        yield _prose("closing", f"## What you have seen\n\n{lesson.closing}")


def _step(lesson: Lesson, step: Step, repeated: str) -> Iterator[Cell]:
    """Yield the cells of one step; `repeated` is put before its code."""
    mark = " *(deeper)*" if step.deeper else ""
    heading = f"## {step.number}. {step.title}{mark}"
    stem = f"{step.number:02}-{step.name[:40]}"
    head = f"{AGAIN}\n{repeated}\n\n" if repeated else ""
    needs = needs_of(lesson, step)
    for number, part in enumerate(step.parts, 1):
        prose = f"{heading}\n\n{part.prose}" if heading else part.prose
        if prose.strip():
            yield _prose(f"{stem}-{number}-prose", prose)
        if heading and needs:
            # The head stands here: this cell runs in any case.
            yield _code(f"{stem}-needs", f"{head}{CHECK}can_run({needs})")
            head = ""
        heading = ""
        if part.question is not None:
            yield _prose(f"{stem}-{number}-question", _asked(part.question))
        if part.code is not None:
            source = part.source
            if needs:
                source = f"if {RUNS}:\n{indented(source)}"
            yield _code(f"{stem}-{number}-code", f"{head}{source}")
            head = ""


def _asked(question: Question[Any]) -> str:
    """Return a question in Markdown, each answer's reply folded away."""
    head = f"**Question:** {question.text}"
    if isinstance(question, Choice):
        how = "Choose, run the next cell, then open your answer."
        replies = list(question.replies.items())
    else:
        how = "Answer it, run the next cell, then open what fits."
        replies = list(_fits(question))
    if not callable(question.truth) and not question.choices:
        replies.insert(0, ("The answer", str(question.truth)))
    folded = "\n\n".join(
        f"<details>\n<summary>{_summary(answer)}</summary>\n\n{reply}\n\n"
        "</details>"
        for answer, reply in replies
    )
    return f"{head}\n\n*{how}*\n\n{folded}"


def _fits(question: Question[Any]) -> Iterator[tuple[str, str]]:
    """Yield what may become of a free answer, each with its reply."""
    if isinstance(question, Number):
        yield "That is what came", question.right
        yield "I had said less", question.low
        yield "I had said more", question.high
    elif isinstance(question, Text):
        yield "That is what came", question.right
        for answer, reply in question.replies.items():
            yield f"I had said: {answer}", reply
        yield "I had said something else", question.wrong


def _summary(text: str) -> str:
    """Return a line as HTML: a summary's text is no Markdown."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, False))


def _prose(name: str, text: str) -> Cell:
    return _cell(name, "markdown", text)


def _code(name: str, text: str) -> Cell:
    cell = _cell(name, "code", text)
    return cell | {"execution_count": None, "outputs": []}


def _cell(name: str, kind: str, text: str) -> Cell:
    return {
        "cell_type": kind,
        # Stable, so that a version control system shows what has changed.
        "id": re.sub(r"[^a-zA-Z0-9_-]", "_", name),
        "metadata": {},
        "source": text.strip("\n").splitlines(keepends=True),
    }
