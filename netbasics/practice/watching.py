"""Practise: show an exercise, check it at every save, go on when it passes.

One loop waits for keys and for saves; a check runs in a thread meanwhile. Its
verdict is shown only if the file still holds the text that was checked: a save
in two pieces, or one more change, begins anew.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from netbasics.practice.catalogue import HINTS, Exercise
from netbasics.practice.checking import check_text
from netbasics.practice.findings import Finding
from netbasics.practice.pressing import ENTER, QUIT, REDRAW
from netbasics.practice.running import Check, Run
from netbasics.practice.saving import Saved
from netbasics.practice.workspace import Workspace

__all__ = ["KEYS", "Practice", "Screen"]

POLL = 0.1  # seconds between two looks at the file
TURN = 0.05  # while a check runs
LOST = 1.0  # seconds that a file must be missing to be called so
KEYS = {
    "Enter": "go on to the next one, after a pass",
    "h": "a hint: a nudge, the idea, nearly the code",
    "r": "run the check again",
    "s": "the reference solution, after a pass",
    "l": "list all exercises",
    "e": "open the file in your editor",
    "q": "quit; you can go on here another time",
}


class Screen(Protocol):
    """Where all of it is shown."""

    def task(self, exercise: Exercise, file: Path, work: Workspace) -> None:
        """Show what is to be written, and where, on a new screen."""

    def verdict(self, exercise: Exercise, finding: Finding) -> None:
        """Show a failure, on a new screen."""

    def passed(self, exercise: Exercise, own: str, seconds: float) -> None:
        """Show a pass, both solutions and the explanation."""

    def solution(self, exercise: Exercise, own: str) -> None:
        """Show the reference solution beside the learner's."""

    def hint(self, exercise: Exercise, step: int) -> None:
        """Show a hint."""

    def listing(self, work: Workspace) -> None:
        """Show all exercises."""

    def keys(self) -> None:
        """Show what each key does."""

    def say(self, text: str) -> None:
        """Show a line."""

    def prompt(self, passed: bool) -> None:
        """Show what can be done now."""

    def running(self, seconds: float | None) -> None:
        """Show that a check runs, and for how long; None: no longer."""


class Keyboard(Protocol):
    """Where keys come from."""

    def wait(self, seconds: float) -> str | None:
        """Return the next key, or None after this time."""


class Practice:
    """A learner practises.

    Args:
        work: The folder.
        exercise: The exercise to begin with.
        screen: Where to show it.
        keyboard: Where keys come from.
        edit: Opens a file in the learner's editor and returns a sentence if
            that went wrong.
        check: Checks a text.
    """

    def __init__(
        self,
        work: Workspace,
        exercise: Exercise,
        *,
        screen: Screen,
        keyboard: Keyboard,
        edit: Callable[[Path], str] = lambda path: f"The file is {path}.",
        check: Check = check_text,
    ) -> None:
        self.work = work
        self.exercise: Exercise | None = exercise
        self._screen = screen
        self._keyboard = keyboard
        self._edit = edit
        self._check = check
        self._run: Run | None = None
        self._found: Finding | None = None
        self._pressed: deque[str] = deque()
        self._said_lost = False

    def run(self) -> None:
        """Practise until the learner quits, or all is done.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        try:
            self._begin(self.exercise)
            while self.exercise is not None and self._turn():
                pass
        finally:
            if self._run is not None:
                self._run.give_up()
                self._screen.running(None)

    @property
    def passed(self) -> bool:
        """Whether what the file holds passes, as far as is known."""
        return self._found is not None and self._found.kind == "passed"

    def _begin(self, exercise: Exercise | None) -> None:
        """Show an exercise, and check what the learner has of it."""
        self.exercise, self._found = exercise, None
        self._said_lost = False
        if exercise is None:
            return
        self._saved = Saved(self.work.file(exercise))
        self._screen.task(exercise, self._saved.path, self.work)
        if self._saved.text in (None, exercise.stub.read_bytes()):
            self._screen.prompt(False)
        else:
            self._start()

    def _turn(self) -> bool:
        """Wait a moment for keys, saves and verdicts; False ends it all."""
        key = self._keyboard.wait(TURN if self._run else POLL)
        if key == QUIT:
            return False
        if key is not None:
            self._pressed.append(key)
        if self._saved.changed():
            self._start()
        self._look_at_run()
        while self._pressed and self._run is None and self.exercise:
            self._do(self._pressed.popleft())
        if self._saved.missing < LOST:
            self._said_lost = False
        elif not self._said_lost:
            self._said_lost = True
            self._screen.say(
                f"{self._saved.path} is not there. Save it again, or press "
                "Ctrl-C and use `netbasics reset`."
            )
        return True

    def _start(self) -> None:
        """Check what the file holds now, and nothing else."""
        assert self.exercise is not None
        if self._run is not None:
            self._run.give_up()
        if self._saved.text is not None:
            self._run = Run(self._check, self.exercise, self._saved.text)

    def _look_at_run(self) -> None:
        run, exercise = self._run, self.exercise
        if run is None or exercise is None:
            return
        if not run.over:
            self._screen.running(run.seconds)
            return
        if self._saved.changed():
            self._start()
            return
        self._run = None
        self._screen.running(None)
        self._found = run.found
        if run.found is None:
            self._screen.say(f"The check could not be run: {run.error}")
        elif self.passed:
            self.work.passed(exercise)
            own = run.text.decode("utf-8-sig", "replace")
            self._screen.passed(exercise, own, run.seconds)
        else:
            self._screen.verdict(exercise, run.found)
        self._screen.prompt(self.passed)

    def _do(self, key: str) -> None:
        """Do what a key asks for."""
        exercise = self.exercise
        assert exercise is not None
        if key == ENTER and self.passed:
            self._begin(self._next())
            return
        if key == "r":
            self._start()
            return
        if key == "h":
            step = min(self.work.state(exercise).hints + 1, HINTS)
            self.work.hinted(exercise, step)
            self._screen.hint(exercise, step)
        elif key == "l":
            self._screen.listing(self.work)
        elif key == "e":
            if trouble := self._edit(self._saved.path):
                self._screen.say(trouble)
            self._screen.task(exercise, self._saved.path, self.work)
        elif key == "?":
            self._screen.keys()
        elif key == REDRAW:
            self._redraw(exercise)
        elif key == ENTER:
            self._screen.say(
                "It has not passed yet: save the file, or press r."
            )
        elif key == "s":
            self._show_solution(exercise)
        elif key.isprintable():
            self._screen.say(f"{key!r} is no key here; ? lists them.")
        self._screen.prompt(self.passed)

    def _show_solution(self, exercise: Exercise) -> None:
        if self.work.state(exercise).done:
            own = (self._saved.text or b"").decode("utf-8-sig", "replace")
            self._screen.solution(exercise, own)
        else:
            self._screen.say(
                "The solution is shown after a pass, or by `netbasics solution "
                f"{exercise.name} --spoil`."
            )

    def _redraw(self, exercise: Exercise) -> None:
        self._screen.task(exercise, self._saved.path, self.work)
        if self.passed:
            self._screen.say(f"{exercise.number} {exercise.name} passes.")
        elif self._found is not None:
            self._screen.verdict(exercise, self._found)

    def _next(self) -> Exercise | None:
        """Return the next one that is not done, after this one if there is."""
        done, course = self.work.done(), self.work.course
        here = course.index(self.exercise) if self.exercise in course else -1
        later = [each for each in course[here + 1 :] if each.name not in done]
        return later[0] if later else self.work.current()
