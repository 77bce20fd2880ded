"""A check that runs while the learner goes on: it can be given up."""

import threading
import time
from collections.abc import Callable

from netbasics.practice.catalogue import Exercise
from netbasics.practice.checking import Cancelled
from netbasics.practice.findings import Finding

__all__ = ["Check", "Run"]

SETTLED = 0.1  # seconds that a text must stay before a verdict on it counts
Check = Callable[..., Finding]


class Run:
    """A check of one text, in a thread of its own.

    Args:
        check: As `check_text`.
        exercise: The exercise.
        text: What was saved.
    """

    def __init__(self, check: Check, exercise: Exercise, text: bytes) -> None:
        self.text = text
        self.found: Finding | None = None
        self.error: Exception | None = None
        self.began = time.monotonic()
        self._given_up = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(check, exercise), daemon=True
        )
        self._thread.start()

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return time.monotonic() - self.began

    @property
    def over(self) -> bool:
        """Whether there is a verdict, on a text that has settled."""
        return not self._thread.is_alive() and self.seconds >= SETTLED

    def give_up(self) -> None:
        """End it; nobody wants to know any more."""
        self._given_up.set()
        self._thread.join(5)

    def _run(self, check: Check, exercise: Exercise) -> None:
        try:
            self.found = check(
                exercise, self.text, cancelled=self._given_up.is_set
            )
        except Cancelled:
            pass
        except Exception as error:  # a full disk, no more processes
            self.error = error
