"""What happens while a lesson is played, as data.

The engine runs steps and says what happens in these words; it draws nothing.
A view (the terminal, plain text, a test, later a page or a notebook) is
whatever takes them in. One source, several views.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from netbasics.course.lesson import Lesson
    from netbasics.course.steps import Step

__all__ = [
    "Action",
    "Code",
    "Event",
    "Failed",
    "LessonBegan",
    "LessonEnded",
    "Output",
    "Pause",
    "Prose",
    "Skipped",
    "StepBegan",
    "StepEnded",
    "Stopped",
    "View",
]

Outcome = Literal["done", "failed", "skipped"]
Action = Literal["go", "leave"]


@dataclass(frozen=True)
class LessonBegan:
    """A lesson starts; its introduction comes first if `introduce` is set.

    It is left out where the learner begins in the middle.
    """

    lesson: "Lesson"
    introduce: bool


@dataclass(frozen=True)
class StepBegan:
    """A step starts; `total` is how many steps the lesson has."""

    step: "Step"
    total: int


@dataclass(frozen=True)
class Prose:
    """Text for the learner, in Markdown."""

    text: str


@dataclass(frozen=True)
class Code:
    """The source that runs next, dedented; `line` is where the file has it."""

    source: str
    line: int


@dataclass(frozen=True)
class Output:
    """A piece of what the running code wrote, as it was written."""

    text: str
    stream: Literal["stdout", "stderr"] = "stdout"


@dataclass(frozen=True)
class Failed:
    """The step raised; `traceback` starts in the lesson's own lines."""

    error: BaseException
    traceback: str


@dataclass(frozen=True)
class Skipped:
    """The step cannot run on this machine, for this reason."""

    reason: str


@dataclass(frozen=True)
class StepEnded:
    """A step is over; `names` are the variables that it left.

    `seconds` is how long its code ran, without the time for reading.
    """

    step: "Step"
    outcome: Outcome
    seconds: float
    names: dict[str, object]


@dataclass(frozen=True)
class LessonEnded:
    """A lesson is over; `failed` has the steps that did not work.

    Its closing comes last if `conclude` is set; it is left out after a single
    step.
    """

    lesson: "Lesson"
    conclude: bool
    seconds: float
    played: int
    skipped: int
    failed: tuple["Step", ...]


@dataclass(frozen=True)
class Stopped:
    """The learner left in the middle; `command` goes on from there."""

    step: "Step | None"
    total: int
    command: str


Event = (
    LessonBegan
    | StepBegan
    | Prose
    | Code
    | Output
    | Failed
    | Skipped
    | StepEnded
    | LessonEnded
    | Stopped
)


@dataclass(frozen=True)
class Pause:
    """A place where a learner may want to stop and think."""

    before: Literal["run", "next step", "next lesson"]


class View(Protocol):
    """Shows what happens, and says when to go on."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def wait(self, pause: Pause) -> Action:
        """Return when the learner wants to go on, or wants to leave."""
