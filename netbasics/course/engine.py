"""Run a lesson's steps and tell what happens.

The engine knows no terminal. It hands events to a view and asks the view when
to go on; what a step prints reaches the view as it is printed.
"""

import io
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from netbasics.course import events
from netbasics.course.events import Event, Outcome, Pause, View
from netbasics.course.lesson import Lesson
from netbasics.course.steps import Part, Step

__all__ = ["Left", "OutputLost", "play", "run_step"]


class Left(Exception):
    """The learner chose to leave; `step` is where, None before the first."""

    def __init__(self, step: Step | None) -> None:
        super().__init__("left")
        self.step = step


class OutputLost(BaseException):
    """The view can no longer be written to, as when a pipe's reader is gone.

    Not an Exception: a step that teaches BrokenPipeError must not catch it.
    """


def play(lesson: Lesson, steps: Sequence[Step], view: View) -> tuple[Step, ...]:
    """Play steps of a lesson, one after the other.

    Args:
        lesson: The lesson.
        steps: Which of its steps, in the order in which to play them.
        view: Shows the events and says when to go on.

    Returns:
        The steps that failed. A step that fails does not end the lesson.

    Raises:
        Left: The learner left, by choice or with Ctrl-C.
    """
    several = len(steps) > 1 or len(lesson.steps) == 1
    first = steps[:1] == lesson.steps[:1]
    last = steps[-1:] == lesson.steps[-1:]
    ended: list[events.StepEnded] = []
    current: Step | None = steps[0] if steps else None
    try:
        view.show(events.LessonBegan(lesson, several and first))
        for step in steps:
            current = step
            _pause(view, Pause("next step"), step)
            ended.append(run_step(lesson, step, view))
    except KeyboardInterrupt:
        raise Left(current) from None
    failed = tuple(each.step for each in ended if each.outcome == "failed")
    skipped = sum(each.outcome == "skipped" for each in ended)
    seconds = sum(each.seconds for each in ended)
    view.show(
        events.LessonEnded(
            lesson, several and last, seconds, len(ended), skipped, failed
        )
    )
    return failed


def run_step(lesson: Lesson, step: Step, view: View) -> events.StepEnded:
    """Run one step in a namespace of its own, part by part.

    Returns:
        How it ended, as the view was told.

    Raises:
        Left: The learner left before a part ran.
    """
    view.show(events.StepBegan(step, len(lesson.steps)))
    seconds = 0.0
    names: dict[str, object] = {}
    outcome: Outcome = "done"
    reason = step.missing()
    if reason:
        view.show(events.Skipped(reason))
        outcome = "skipped"
    else:
        names = lesson.namespace()
        for part in step.parts:
            worked, took = _run_part(part, names, step, view)
            seconds += took
            if not worked:
                outcome = "failed"
                break
    ended = events.StepEnded(step, outcome, seconds, names)
    view.show(ended)
    return ended


def _run_part(
    part: Part, names: dict[str, object], step: Step, view: View
) -> tuple[bool, float]:
    """Show a part's prose and code, and run the code.

    Returns:
        Whether it worked, and how long it ran, in seconds.
    """
    if part.prose:
        view.show(events.Prose(part.prose))
    if part.code is None:
        return True, 0.0
    view.show(events.Code(part.source, part.line))
    _pause(view, Pause("run"), step)
    began = time.perf_counter()
    with _told(view):
        try:
            exec(part.code, names)
        except (KeyboardInterrupt, OutputLost):
            raise
        except BaseException as error:  # SystemExit and CancelledError too
            failure = events.Failed(error, _traceback(error))
        else:
            return True, time.perf_counter() - began
    view.show(failure)
    return False, time.perf_counter() - began


def _pause(view: View, pause: Pause, step: Step) -> None:
    if view.wait(pause) == "leave":
        raise Left(step)


def _traceback(error: BaseException) -> str:
    """Return the traceback from the lesson's first own line on."""
    # The frame that is left out is the engine's `exec`.
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(
        traceback.format_exception(type(error), error, frames)
    ).rstrip()


@contextmanager
def _told(view: View) -> Iterator[None]:
    """Turn whatever is printed, by whichever thread, into events."""
    lock = threading.Lock()
    before = sys.stdout, sys.stderr
    # What goes wrong in a server is for the step to show. With no handler at
    # all, logging would print it, traceback and all.
    log, quiet = logging.getLogger("netbasics"), logging.NullHandler()
    log.addHandler(quiet)

    def tell(event: Event) -> None:
        try:
            with lock:
                view.show(event)
        except OSError as error:
            raise OutputLost from error

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout = stdout = _Stream(tell, "stdout", encoding)
    sys.stderr = stderr = _Stream(tell, "stderr", encoding)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        log.removeHandler(quiet)
        stdout.flush()
        stderr.flush()


class _Stream(io.TextIOBase):
    """A text stream that hands on what is written to it, line by line.

    `print` writes a text and its line end in two calls. As a terminal's stream
    does, this one waits for the end, or for a flush. It keeps what each thread
    has begun apart, so that lines of two threads do not run into each other.
    """

    def __init__(
        self,
        tell: Callable[[Event], None],
        name: Literal["stdout", "stderr"],
        encoding: str,
    ) -> None:
        self._tell = tell
        self._name = name
        self._encoding = encoding
        self._begun: dict[int, str] = {}

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What the real stream has: a step may choose its signs by it."""
        return self._encoding

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        thread = threading.get_ident()
        whole, end, begun = text.rpartition("\n")
        if end:
            before = self._begun.pop(thread, "")
            self._tell(events.Output(before + whole + end, self._name))
        if begun:
            self._begun[thread] = self._begun.get(thread, "") + begun
        return len(text)

    def flush(self) -> None:
        for thread in list(self._begun):
            # None: that thread has ended its line, or flushed, meanwhile.
            if (text := self._begun.pop(thread, None)) is not None:
                self._tell(events.Output(text, self._name))
