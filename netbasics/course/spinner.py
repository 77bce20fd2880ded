"""A sign that something still runs, for waits that are longer than a moment."""

import threading
import time
from collections.abc import Callable

__all__ = ["Spinner"]

SIGNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
AFTER = 0.5  # seconds without output until it is drawn
EVERY = 0.1


class Spinner:
    """Draw a turning sign and the seconds, from a thread of its own.

    Args:
        draw: Draws this text in the present row, over what it drew before;
            nothing removes it. Called with `lock` held.
        lock: Held while drawing.
    """

    def __init__(
        self, draw: Callable[[str], None], lock: threading.RLock
    ) -> None:
        self._draw = draw
        self._lock = lock
        self._over = threading.Event()
        self._began = self._quiet_since = time.monotonic()
        self._drawn = False
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._thread.start()

    def clear(self) -> None:
        """Remove it, as something else is drawn now."""
        with self._lock:
            self._quiet_since = time.monotonic()
            if self._drawn:
                self._draw("")
                self._drawn = False

    def stop(self) -> None:
        """Remove it for good."""
        self._over.set()
        self.clear()
        self._thread.join()

    def _turn(self) -> None:
        turn = 0
        while not self._over.wait(EVERY):
            with self._lock:
                now = time.monotonic()
                if self._over.is_set() or now - self._quiet_since < AFTER:
                    continue
                sign = SIGNS[turn % len(SIGNS)]
                self._draw(f"{sign} running, {now - self._began:.0f} s")
                self._drawn = True
                turn += 1
