"""The plain view: a lesson as text, for pipes, dumb terminals and readers.

No colour, no boxes, no cursor movement, at most 80 columns. Code is indented
by four; what the code printed stands behind a bar.
"""

import textwrap
from collections.abc import Iterator
from typing import TextIO

from netbasics.course import asking, desk, events
from netbasics.course.events import Action, Answer, Event, Pause
from netbasics.course.keys import Keyboard
from netbasics.course.texts import (
    WIDTH,
    choices,
    happened,
    how_it_went,
    last_state,
    readable,
    stopped,
    wrap,
)

__all__ = ["PlainView"]

BAR = "  | "


class PlainView:
    """Write a lesson as plain text.

    Args:
        stream: Where to write.
        keyboard: Where the learner answers; None plays straight through.
        width: Columns.
    """

    def __init__(
        self,
        stream: TextIO,
        keyboard: Keyboard | None = None,
        *,
        width: int = WIDTH,
    ) -> None:
        self._stream = stream
        self._keyboard = keyboard
        self._width = width
        self._line = ""  # an output line that has not ended yet
        self._printing = False

    @property
    def attended(self) -> bool:
        """Whether a learner is there to be asked."""
        return self._keyboard is not None

    def show(self, event: Event) -> None:
        """Write one event."""
        if isinstance(event, events.Output):
            self._output(event.text)
            return
        self._end_output()
        for text in self._texts(event):
            self._write(text)
        desk.serve(event)

    def wait(self, pause: Pause) -> Action | Answer:
        """Ask, where someone is there to answer."""
        self._end_output()
        if self._keyboard is None:
            return "go"
        sign = f"[{asking.prompt(pause)}] "
        answer = asking.ask(
            self._keyboard, pause, lambda: self._write(sign, end=""), self._tell
        )
        if not self._keyboard.moves:
            self._write("", end="\n")
        return answer

    def _tell(self, text: str) -> None:
        if self._keyboard and not self._keyboard.moves:
            self._write("", end="\n")
        self._write(text)

    def _texts(self, event: Event) -> Iterator[str]:
        """Yield what an event says, block by block."""
        match event:
            case events.LessonBegan(lesson, introduce):
                number = f"Lesson {lesson.number}: " if lesson.number else ""
                yield self._title(number + lesson.title, "=")
                if lesson.subtitle:
                    subtitle = lesson.subtitle
                    yield wrap(
                        f"{subtitle[0].upper()}{subtitle[1:]}.", self._width
                    )
                if introduce and lesson.introduction:
                    yield wrap(lesson.introduction, self._width)
                if lesson.imports:
                    yield "Every step can use these names:"
                    yield textwrap.indent(lesson.imports, "    ")
            case events.StepBegan(step, total):
                heading = f"Step {step.number} of {total}: {step.title}"
                yield self._title(heading, "-")
            case events.Prose(text):
                yield wrap(text, self._width)
            case events.Code(source):
                yield textwrap.indent(source, "    ")
            case events.Asked(question):
                yield wrap(f"Question: {question.text}", self._width)
                if question.choices:
                    yield choices(question)
            case events.Answered(question, verdict):
                yield wrap(happened(verdict), self._width)
            case events.Wire(drawing):
                yield drawing.diagram(width=self._width)
            case events.Failed(_, traceback):
                yield "This step failed:"
                yield textwrap.indent(traceback, BAR, lambda line: True)
            case events.Skipped(reason):
                yield wrap(f"Skipped: this step {reason}.", self._width)
            case events.LessonEnded(lesson, conclude):
                if conclude and lesson.closing:
                    yield self._title("What you have seen", "-")
                    yield wrap(lesson.closing, self._width)
                yield self._title(how_it_went(event), "=")
            case events.Stopped():
                yield stopped(event)

    def _title(self, text: str, sign: str) -> str:
        line = sign * self._width
        return f"{line}\n{text}\n{line}"

    def _output(self, text: str) -> None:
        """Write output behind a bar; of a line rewritten by CR, its last."""
        self._printing = True
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            self._write(BAR + last_state(line), end="\n")
        self._stream.flush()

    def _end_output(self) -> None:
        if self._line:
            self._write(BAR + last_state(self._line), end="\n")
            self._line = ""
        if self._printing:
            self._write("", end="\n")
            self._printing = False

    def _write(self, text: str, end: str = "\n\n") -> None:
        encoding = getattr(self._stream, "encoding", None)
        lines = [line.rstrip() for line in text.split("\n")] if end else [text]
        self._stream.write(readable("\n".join(lines), encoding) + end)
        self._stream.flush()
