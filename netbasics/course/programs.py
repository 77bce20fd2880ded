"""Programs that the learner uses from within a lesson: an editor, a script.

Each has the terminal for itself while it runs. Ctrl-C is for it and not for
the lesson, and whatever it does to the terminal's settings is undone.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import netbasics
from netbasics.continuing import taken

try:
    import termios
except ImportError:  # Windows has no such settings
    termios = None  # type: ignore[assignment]

__all__ = ["EditorFailed", "open_editor", "run_script"]

KNOWN = ("nano", "vim", "vi", "emacs -nw", "notepad")
ADVICE = "Set EDITOR to the command of your editor, such as EDITOR=nano."


class EditorFailed(Exception):
    """No editor came up, or it failed; the message names the file."""


def open_editor(path: Path, command: str | None = None) -> None:
    """Open a file in the learner's editor and wait until it is closed.

    Args:
        path: The file.
        command: The editor's command; None for `$VISUAL`, `$EDITOR`, or the
            first of a few that is installed. An editor that opens a window
            must be told to wait, as with `code --wait`.

    Raises:
        EditorFailed: There is none, or it ended with an error.
    """
    words = _editor(path, command)
    try:
        status = _run([*words, str(path)])
    except OSError as error:
        raise EditorFailed(
            f"The editor {words[0]!r} did not start: {error.strerror}. "
            f"{ADVICE}\nThe file is {path}"
        ) from error
    if status:
        raise EditorFailed(
            f"The editor {words[0]!r} ended with {_how(status)}, so nothing "
            f"is run.\nThe file is {path}"
        )


def run_script(path: Path) -> str:
    """Run a script with this Python, with the warnings that are off elsewhere.

    Returns:
        A sentence on how it ended.
    """
    try:
        status = _run(
            [sys.executable, "-W", "default", str(path)], env=_environment()
        )
    except OSError as error:
        return f"It did not start: {error}."
    return f"It ended with {_how(status)}."


def _editor(path: Path, command: str | None) -> list[str]:
    """Return the editor's command as words."""
    variables = [os.environ.get(name) for name in ("VISUAL", "EDITOR")]
    for text in [command, *variables]:
        if text and text.strip():
            try:
                return shlex.split(text)
            except ValueError as error:
                raise EditorFailed(
                    f"The editor's command {text!r} makes no sense: {error}. "
                    f"{ADVICE}\nThe file is {path}"
                ) from error
    for known in KNOWN:
        words = known.split()
        if shutil.which(words[0]):
            return words
    raise EditorFailed(f"No editor was found. {ADVICE}\nThe file is {path}")


def _run(command: Sequence[str], **options: Any) -> int:
    """Run a program in this terminal; return its exit status."""
    sys.stdout.flush()
    with taken(), _kept_terminal(), _deaf_to_ctrl_c():
        return subprocess.run(command, check=False, **options).returncode


def _how(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"the signal {signal.Signals(-status).name}"
    except ValueError:
        return f"the signal {-status}"


def _environment() -> dict[str, str]:
    """Return an environment in which Python finds this netbasics."""
    environment = dict(os.environ)
    root = Path(netbasics.__file__).parent.parent
    # Not where it is installed: there it is found, and putting that place in
    # front would change which of two packages of one name is taken.
    if (root / "pyproject.toml").is_file():
        paths = [str(root), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Leave Ctrl-C to the program, which gets it as well."""
    try:
        # Not SIG_IGN: the program would inherit that.
        before = signal.signal(signal.SIGINT, lambda *_: None)
    except ValueError:  # a thread other than the main one
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _kept_terminal() -> Iterator[None]:
    """Put the terminal's settings back, however the program leaves it."""
    if termios is None:
        yield
        return
    try:
        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
    except (AttributeError, ValueError, OSError, termios.error):
        yield  # no terminal, and nothing to keep
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(number, termios.TCSADRAIN, before)
