"""Read the lines that a learner types: with history and Tab, or without."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol, TextIO

from netbasics.continuing import handled, taken

__all__ = ["Typed", "typed"]

Complete = Callable[[str, int], str | None]

# What was typed at earlier prompts of this run.
_remembered: list[str] = []
MOST_REMEMBERED = 500


class Typed(Protocol):
    """Where lines come from."""

    def line(self, sign: str) -> str:
        """Show a sign and return the line that is typed, without its end.

        Raises:
            EOFError: Ctrl-D, or the input is at its end.
            KeyboardInterrupt: Ctrl-C.
        """


def typed(
    stdin: TextIO | None, complete: Complete
) -> AbstractContextManager[Typed]:
    """Return what reads lines, for a with-block.

    Args:
        stdin: Where to read; None for the program's own input.
        complete: Completes a name, as `readline` wants it done.
    """
    source = sys.stdin if stdin is None else stdin
    if source is None or source.closed:
        return nullcontext(_Piped(None))
    if stdin is not None or not source.isatty():
        return nullcontext(_Piped(source))
    return _terminal(complete)


class _Piped:
    """Lines from a pipe or a file."""

    def __init__(self, source: TextIO | None) -> None:
        self._source = source

    def line(self, sign: str) -> str:
        sys.stdout.write(sign)
        sys.stdout.flush()
        line = self._source.readline() if self._source else ""
        if not line:
            raise EOFError
        return line.removesuffix("\n").removesuffix("\r")


class _Continued(BaseException):
    """The program was stopped by Ctrl-Z, and goes on."""


class _Terminal:
    """Lines from a terminal.

    Args:
        readline: The module, if it is used here.
    """

    def __init__(self, readline: Any) -> None:
        self._readline = readline
        self._asking = False

    def line(self, sign: str) -> str:
        begun = ""
        while True:
            try:
                return self._ask(sign, begun)
            except _Continued as continued:
                # Somebody else has used the terminal: what was set up there
                # for typing is set up again by a new `input`.
                begun = str(continued)
                print()

    def _ask(self, sign: str, begun: str) -> str:
        self._begin_with(begun)
        with taken():  # one that came earlier finds nobody asking
            self._asking = True
            try:
                return input(sign)
            finally:
                self._asking = False
                self._begin_with("")

    def continued(self, *_: object) -> None:
        """Be the handler of the signal that says so."""
        if self._asking:
            self._asking = False
            shown = self._readline and self._readline.get_line_buffer()
            raise _Continued(shown or "")

    def _begin_with(self, text: str) -> None:
        """Have the next line begin with what was typed already."""
        if self._readline is not None:
            insert = self._readline.insert_text
            hook = (lambda: insert(text)) if text else None
            self._readline.set_startup_hook(hook)


@contextmanager
def _terminal(complete: Complete) -> Iterator[Typed]:
    """Set the terminal up for typing; leave everything as it was."""
    readline = _readline()
    terminal = _Terminal(readline)
    with handled(terminal.continued):
        if readline is None:
            yield terminal
            return
        with _own_history(readline), _own_completer(readline, complete):
            yield terminal


def _readline() -> Any:
    """Return the module, or None where lines are typed without it."""
    # On such a terminal it could not move the cursor.
    if os.environ.get("TERM", "dumb") in ("", "dumb", "unknown"):
        return None
    try:
        import readline
    except ImportError:
        return None
    return readline


@contextmanager
def _own_completer(readline: Any, complete: Complete) -> Iterator[None]:
    before = readline.get_completer()
    delimiters = readline.get_completer_delims()
    import rlcompleter  # noqa: F401  sets its own completer: once, before ours

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?")
    edits = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if edits else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)


@contextmanager
def _own_history(readline: Any) -> Iterator[None]:
    before = _history(readline)
    _set_history(readline, _remembered)
    try:
        yield
    finally:
        _remembered[:] = _history(readline)[-MOST_REMEMBERED:]
        _set_history(readline, before)


def _history(readline: Any) -> list[str]:
    length = readline.get_current_history_length()
    return [readline.get_history_item(n) for n in range(1, length + 1)]


def _set_history(readline: Any, lines: list[str]) -> None:
    readline.clear_history()
    for line in lines:
        readline.add_history(line)
