"""Find a lesson by what a learner calls it, and load it."""

import importlib.util
import sys
from pathlib import Path

from netbasics.course.lesson import Lesson
from netbasics.course.tracebacks import from_file
from netbasics.places import lessons

__all__ = ["find", "load", "scripts"]


def scripts() -> list[Path]:
    """Return the numbered lesson scripts, in their order."""
    return sorted(lessons().glob("[0-9][0-9]_*.py"))


def find(name: str) -> Path:
    """Return the script that a learner means.

    Args:
        name: A number (`1` or `01`), a file's name with or without its
            ending, a part of it that no other lesson has (`url`), or the path
            of a script of one's own.

    Raises:
        LookupError: There is no such lesson; the message lists what there is.

    Example:
        >>> find("4").name
        '04_url_handling.py'
    """
    known = scripts()
    for path in known:
        number = path.name[:2]
        if name in (path.name, path.stem, number, number.lstrip("0")):
            return path
    own = Path(name)
    if own.suffix == ".py" and own.is_file():
        return own
    parts = [path for path in known if name.lower() in path.stem]
    if len(parts) == 1 and len(name) > 2:
        return parts[0]
    names = "\n".join(f"  {path.stem}" for path in known)
    what = "file and no lesson" if own.suffix == ".py" else "lesson"
    raise LookupError(f"there is no {what} {name!r}; there are:\n{names}")


def load(path: Path) -> Lesson:
    """Import a lesson script, which declares its steps and runs none.

    Raises:
        ValueError: The script makes no lesson, or it does not run; the message
            says where.
    """
    name = f"netbasics_lesson_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python script")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and type hints look their module up by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, Exception):
            # Its author wants to see that script's lines, and not ours.
            where = from_file(error, str(spec.origin))
            raise ValueError(f"{path} does not run:\n{where}") from error
        raise
    for value in vars(module).values():
        if isinstance(value, Lesson):
            return value
    raise ValueError(
        f"{path} has no lesson; it needs `lesson = Lesson(__file__, __doc__)`"
    )
