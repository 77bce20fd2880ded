"""Where things are: the course's own files, and the learner's folder.

A wheel carries a copy of `lessons/`; an editable install leaves a stale one
behind. So there is one place that decides, and it prefers the checkout.
"""

import os
import tempfile
from pathlib import Path

__all__ = ["home", "lessons"]

PACKAGE = Path(__file__).parent


def lessons() -> Path:
    """Return the folder of the numbered lessons, with their exercises.

    Raises:
        FileNotFoundError: Neither a checkout nor the package has it.
    """
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        place = checkout / "lessons"
    else:
        place = PACKAGE / "lessons"
    if not place.is_dir():
        raise FileNotFoundError(
            f"there are no lessons at {place}; install netbasics again"
        )
    return place


def home() -> Path:
    """Return the learner's folder: `$NETBASICS_HOME`, else `~/.netbasics`.

    It need not be there yet.
    """
    chosen = os.environ.get("NETBASICS_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    try:
        return Path.home() / ".netbasics"
    except RuntimeError:  # an account without a home
        return Path(tempfile.gettempdir()) / "netbasics"
