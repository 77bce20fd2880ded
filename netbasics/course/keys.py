"""How a learner answers: one key where the terminal allows, else a line."""

import codecs
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from netbasics.continuing import handled, taken
from netbasics.rawmode import AVAILABLE, RawMode

__all__ = ["Keyboard", "Keys", "Lines", "keyboard"]

CTRL_C, CTRL_D, BACKSPACE, CTRL_U, CTRL_Z, ESCAPE = "\x03\x04\x08\x15\x1a\x1b"
DELETE = "\x7f"  # what most terminals send for the backspace key


class Keyboard(Protocol):
    """Where answers come from."""

    moves: bool
    """Whether an answer leaves the cursor in the next row."""

    def ask(self, draw: Callable[[], None], at_once: Collection[str]) -> str:
        """Draw a prompt and read an answer.

        Args:
            draw: Draws the prompt; called again after the program was stopped
                and continued.
            at_once: Answers of one key, for which nobody need press Enter.

        Returns:
            The answer; nothing for Enter alone.

        Raises:
            EOFError: Ctrl-D, or the input is at its end.
            KeyboardInterrupt: Ctrl-C.
        """


def keyboard(stdin: TextIO, stdout: TextIO, *, lines: bool = False) -> Keyboard:
    """Return the keyboard of a terminal: keys if it has them, else lines."""
    if lines or not AVAILABLE:
        return Lines(stdin)
    return Keys(stdin, stdout)


class Lines:
    """Answers that are lines.

    Args:
        stdin: Where they come from.
    """

    moves = True

    def __init__(self, stdin: TextIO) -> None:
        self._stdin = stdin

    def ask(self, draw: Callable[[], None], at_once: Collection[str]) -> str:
        """Read a line."""
        with _on_continuing(draw):
            draw()
            line = self._stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")


class Keys:
    """Answers of one key, read from the terminal as they are pressed.

    The terminal's own handling of lines and of Ctrl-C and Ctrl-Z is switched
    off while it waits, and only then; whatever happens it is on again behind.

    Args:
        stdin: The terminal's keys.
        stdout: Its screen, where answers of more than one key are echoed.
    """

    moves = False

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        self._keys = stdin.fileno()
        self._screen = stdout

    def ask(self, draw: Callable[[], None], at_once: Collection[str]) -> str:
        """Read keys up to one of `at_once`, or up to Enter."""
        typed = ""

        def redraw() -> None:
            raw.begin()  # a shell may have given the terminal its own ways
            draw()
            self._echo(typed)

        # Before anything is drawn: a key that answers what is on the screen
        # must not be taken by the terminal itself.
        with RawMode(self._keys) as raw, _on_continuing(redraw):
            redraw()
            for key in self._pressed(raw, redraw):
                if key in "\r\n":
                    break
                if not typed and key in at_once:
                    return key
                if key in (BACKSPACE, DELETE, CTRL_U):
                    kept = "" if key == CTRL_U else typed[:-1]
                    self._echo("\b \b" * (len(typed) - len(kept)))
                    typed = kept
                elif key.isprintable():
                    typed += key
                    self._echo(key)
        return typed

    def _echo(self, text: str) -> None:
        self._screen.write(text)
        self._screen.flush()

    def _pressed(
        self, raw: RawMode, redraw: Callable[[], None]
    ) -> Iterator[str]:
        """Yield keys, doing what Ctrl-C, Ctrl-D and Ctrl-Z ask for."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while True:
            # One byte at a time: what is typed ahead is for the next prompt.
            piece = os.read(self._keys, 1)
            key = decode(piece)
            if not piece or key == CTRL_D:
                raise EOFError
            if key == CTRL_C:
                raise KeyboardInterrupt
            if key == CTRL_Z:
                if raw.suspend():
                    redraw()
            elif key == ESCAPE:
                self._skip_sequence()
            elif key:
                yield key

    def _skip_sequence(self) -> None:
        """Forget an arrow key: an escape sign and what follows at once."""
        import select

        while select.select([self._keys], [], [], 0.02)[0]:
            if os.read(self._keys, 1).isalpha():
                return


@contextmanager
def _on_continuing(draw: Callable[[], None]) -> Iterator[None]:
    """Draw the prompt again when the program continues after Ctrl-Z."""
    # Taken first: one that came while a step ran finds no handler yet.
    with taken(), handled(lambda *_: draw()):
        yield
