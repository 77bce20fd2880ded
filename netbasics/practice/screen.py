"""What practising looks like: as plain text, and on a terminal in colours."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from netbasics.practice.catalogue import Exercise
from netbasics.practice.findings import Finding
from netbasics.practice.listing import rows
from netbasics.practice.messages import prose, tell, tell_hint
from netbasics.practice.watching import KEYS
from netbasics.practice.workspace import Workspace

__all__ = ["PlainScreen", "keys_now"]

KEYS_OPEN = "h: hint   r: run again   ?: keys   q: quit   (or save the file)"
KEYS_PASSED = "Enter: go on   s: solution   ?: keys   q: quit"


class PlainScreen:
    """Text of 80 columns: no colour, no boxes, nothing is drawn over.

    Args:
        stream: Where to write.
        readable: Replaces what the stream's encoding does not have.
    """

    def __init__(
        self, stream: IO[str], readable: Callable[[str], str] = str
    ) -> None:
        self._stream = stream
        self._readable = readable

    def task(self, exercise: Exercise, file: Path, work: Workspace) -> None:
        """Show what is to be written, and where."""
        self._fresh()
        self._heading(_heading(exercise, work))
        self._write(
            prose(
                f"{exercise.task} What it must do, all of it, is in the file:"
            ),
            f"  {file}",
        )

    def verdict(self, exercise: Exercise, finding: Finding) -> None:
        """Show a failure."""
        self._fresh()
        self._write(tell(exercise, finding))

    def passed(self, exercise: Exercise, own: str, seconds: float) -> None:
        """Show a pass, both solutions and the explanation."""
        self._fresh()
        self._good(
            f"{exercise.number} {exercise.name} passes ({seconds:.1f} s)."
        )
        self.solution(exercise, own)
        # Last: it is what must be in sight when the screen is short.
        self._explanation(exercise.explanation)

    def solution(self, exercise: Exercise, own: str) -> None:
        """Show the learner's solution, then the reference."""
        reference = exercise.solution.read_text("utf-8")
        for title, source in self._titled(own, reference):
            self._heading(title)
            self._write(source.strip("\n"))

    def hint(self, exercise: Exercise, step: int) -> None:
        """Show a hint."""
        self._write(tell_hint(exercise, step))

    def listing(self, work: Workspace) -> None:
        """Show all exercises."""
        self._write("\n".join(map(str, rows(work))))

    def keys(self) -> None:
        """Show what each key does."""
        self._write(
            "\n".join(f"{key:>5}  {does}" for key, does in KEYS.items())
        )

    def say(self, text: str) -> None:
        """Show a line."""
        self._write(prose(text))

    def prompt(self, passed: bool) -> None:
        """Show what can be done now."""
        self._write(f"[{keys_now(passed)}]")

    def running(self, seconds: float | None) -> None:
        """Show nothing: what moves is not for text."""

    def _fresh(self) -> None:
        self._write("=" * 76)

    def _good(self, text: str) -> None:
        self._write(text)

    def _heading(self, text: str) -> None:
        self._write(f"{text}\n{'-' * len(text)}")

    def _explanation(self, markdown: str) -> None:
        self._write(prose(markdown))

    def _titled(self, own: str, reference: str) -> list[tuple[str, str]]:
        return [("Yours", own), ("The reference solution", reference)]

    def _write(self, *blocks: str) -> None:
        for block in blocks:
            self._stream.write(self._readable(block) + "\n\n")
        self._stream.flush()


def keys_now(passed: bool) -> str:
    """Return the keys that matter now, for the prompt."""
    return KEYS_PASSED if passed else KEYS_OPEN


def _heading(exercise: Exercise, work: Workspace) -> str:
    """Return the number and title of an exercise, and how many are done."""
    hard = " (a hard one)" if exercise.hard else ""
    done = f"{len(work.done())} of {len(work.course)} done"
    return f"{exercise.number} {exercise.title}{hard} - {done}"
