"""Open a step of a lesson as a file of its own, to change it and to run it."""

import copy
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from netbasics.course.lesson import Lesson
from netbasics.course.programs import EditorFailed, open_editor, run_script
from netbasics.course.sharing import Sharing, needs_of
from netbasics.course.steps import Part, Step
from netbasics.course.texts import wrap

__all__ = ["edit", "path_of", "script_of"]

WIDTH = 76
# The last line of a file, before the sum of what we wrote.
SEAL = "# Change what you like: a changed file is yours, and stays. Sum: "


def edit(
    lesson: Lesson,
    step: Step,
    folder: Path,
    *,
    editor: str | None = None,
    run: Callable[[Path], str] = run_script,
) -> Path:
    """Open a step in the learner's editor, then run what came of it.

    The file is `steps/NN_SS_name.py` in the folder. One that the learner has
    changed is opened as it is and never written over; one that is as we wrote
    it is written anew, since the lesson may have changed. Who wants to begin
    afresh deletes it.

    What goes wrong (no editor, a folder that cannot be written to, an error in
    the file) is told to the learner and does not end the lesson. Nor does
    Ctrl-C: it is for the editor, or for the script.

    Args:
        lesson: The lesson.
        step: Its step.
        folder: The learner's folder; it is made if need be.
        editor: The editor's command; None for `$VISUAL`, `$EDITOR`, or the
            first of a few that is installed.
        run: Runs the file and returns a sentence on how that ended.

    Returns:
        The file's path.
    """
    path = path_of(lesson, step, folder)
    try:
        if not _written(path, script_of(lesson, step)):
            print(f"This file is yours, changed earlier: {path}")
        open_editor(path, editor)
    except (OSError, UnicodeError) as error:
        print(f"The step could not be opened as {path}: {error}")
    except EditorFailed as error:
        print(error)
    else:
        print(f"Running {path}\n")
        print(f"\n{run(path)}")
    return path


def path_of(lesson: Lesson, step: Step, folder: Path) -> Path:
    """Return where a step's own file is."""
    number = f"{lesson.number:02}" if lesson.number else lesson.path.stem
    return folder / "steps" / f"{number}_{step.number:02}_{step.name}.py"


def script_of(lesson: Lesson, step: Step) -> str:
    """Return a step as a script that runs by itself.

    It has the step's title, the lesson's imports, what the step uses of the
    lesson's own definitions, and then the step: prose as comments, code as it
    is. Where the machine lacks what the step needs, it says so and ends.
    """
    title = step.title.replace("\\", "\\\\")
    head = [f'"""{title}."""', lesson.imports]
    # As far as this step is concerned, it is the only one.
    alone = copy.copy(lesson)
    alone.__dict__["steps"] = (step,)
    needs = needs_of(lesson, step)
    if needs:
        head.append("from netbasics.course.kernel import can_run")
    blocks = ["\n\n".join(filter(None, head)), Sharing(alone).definitions()]
    if needs:
        blocks.append(f"if not can_run({needs}):\n    raise SystemExit")
    blocks += [_block(lesson, part) for part in step.parts]
    return "\n\n\n".join(filter(None, blocks)) + "\n"


def _block(lesson: Lesson, part: Part) -> str:
    lines = wrap(part.prose, WIDTH - 2).splitlines()
    prose = "\n".join(f"# {line}".rstrip() for line in lines)
    return "\n\n".join(filter(None, [prose, part.source]))


def _written(path: Path, script: str) -> bool:
    """Write a script, unless the learner has a version there.

    Returns:
        Whether it was written.
    """
    if path.exists() and not _is_ours(path.read_text("utf-8", "replace")):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(f"{script}\n{SEAL}{_sum(script)}\n", "utf-8")
    os.replace(new, path)  # so that there is never half a file
    return True


def _is_ours(text: str) -> bool:
    """Whether a file is as we wrote it: its last line has the sum of it."""
    script, seal, found = text.rpartition(f"\n{SEAL}")
    return bool(seal) and found.strip() == _sum(script)


def _sum(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:16]
