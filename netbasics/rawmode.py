"""A terminal that hands over keys as they are pressed.

Normally a terminal keeps what is typed until Enter, shows it, and turns Ctrl-C
and Ctrl-Z into signals. Whoever reads single keys must switch that off, and on
again whatever happens: a shell behind a program that forgot is hard to use.
"""

import os
import signal
import threading

from netbasics.continuing import handled, taken

try:
    import termios
except ImportError:  # Windows has no such thing
    termios = None  # type: ignore[assignment]

__all__ = ["AVAILABLE", "RawMode"]

AVAILABLE = termios is not None
MOMENT = 0.5  # seconds that a signal may take


class RawMode:
    """The raw mode of a terminal, as a with-block or by hand.

    Args:
        file: The terminal's file descriptor.

    Raises:
        termios.error: It is no terminal.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._before = termios.tcgetattr(file)

    def begin(self) -> None:
        """Switch the terminal's handling of lines and signals off."""
        raw = termios.tcgetattr(self._file)
        lines = termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
        raw[3] &= ~lines
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self._file, termios.TCSADRAIN, raw)

    def end(self) -> None:
        """Give the terminal its ways back. Twice is fine."""
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    def suspend(self) -> bool:
        """Do what Ctrl-Z asks for: stop the program until it is continued.

        Returns:
            Whether it was stopped; nobody could continue one without a shell.
        """
        self.end()
        continued = threading.Event()
        with taken(), handled(lambda *_: continued.set()):
            # To all of the group, as the terminal would send it. It may take
            # a moment to come; until then the terminal is as it was.
            os.kill(0, signal.SIGTSTP)
            continued.wait(MOMENT)
        self.begin()
        return continued.is_set()

    def __enter__(self) -> "RawMode":
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
