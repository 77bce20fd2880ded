"""What happens while a lesson is played, as data.

The engine runs steps and says what happens in these words; it draws nothing.
A view (the terminal, plain text, a test, later a page or a notebook) is
whatever takes them in. One source, several views.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from netbasics.course.questions import Question, Verdict

if TYPE_CHECKING:
    from netbasics.course.lesson import Lesson
    from netbasics.course.steps import Step

__all__ = [
    "Action",
    "Answer",
    "Answered",
    "Asked",
    "AtPrompt",
    "Code",
    "Drawing",
    "Editing",
    "Event",
    "Failed",
    "LessonBegan",
    "LessonEnded",
    "Output",
    "Pause",
    "Prose",
    "Running",
    "Skipped",
    "StepBegan",
    "StepEnded",
    "Stopped",
    "View",
    "Wire",
]

Outcome = Literal["done", "failed", "skipped"]
Action = Literal[
    "go", "again", "back", "code", "wire", "edit", "python", "leave"
]
"""What a learner can do at a pause."""


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
class Asked:
    """A question about the code above, before it runs."""

    question: Question[Any]


@dataclass(frozen=True)
class Answered:
    """What the run said to a question, whether it was answered or not."""

    question: Question[Any]
    verdict: Verdict


@dataclass(frozen=True)
class Running:
    """Code runs from now on, or no longer does: `on` says which."""

    on: bool


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


class Drawing(Protocol):
    """What can draw itself as a diagram: a tap, or a watch."""

    def diagram(self, *, width: int = ...) -> str:
        """Return the diagram, at most `width` columns wide."""


@dataclass(frozen=True)
class Wire:
    """The learner wants to see what the step sent and received."""

    drawing: Drawing


@dataclass(frozen=True)
class AtPrompt:
    """The learner wants a Python prompt with the step's variables.

    What they name is alive: with-blocks at the end of the code are open.
    """

    step: "Step"
    names: dict[str, object]


@dataclass(frozen=True)
class Editing:
    """The learner wants the step as a file of its own, to change and run."""

    lesson: "Lesson"
    step: "Step"


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
    | Asked
    | Answered
    | Running
    | Output
    | Wire
    | AtPrompt
    | Editing
    | Failed
    | Skipped
    | StepEnded
    | LessonEnded
    | Stopped
)


@dataclass(frozen=True)
class Pause:
    """A place where a learner may want to stop and think.

    `before` says what comes next, as `"run"`; `question` may be answered here;
    `allowed` is what else can be done.
    """

    before: str
    question: Question[Any] | None = None
    allowed: frozenset[Action] = frozenset({"go", "leave"})


@dataclass(frozen=True)
class Answer:
    """What the learner answered, as the question's `read` returned it."""

    text: str


class View(Protocol):
    """Shows what happens, and asks the learner if one is there."""

    @property
    def attended(self) -> bool:
        """Whether a learner is there to be asked."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def wait(self, pause: Pause) -> Action | Answer:
        """Return what the learner wants: "go" if nobody is there."""
