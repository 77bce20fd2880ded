"""Who takes in a lesson's events besides the view."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from netbasics.course import events
from netbasics.course.events import Action, Answer, Event, Pause, View

if TYPE_CHECKING:
    from netbasics.pictures import Picture
    from netbasics.wire import Tap, UDPTap

__all__ = ["Listener", "PictureSaver", "Shared"]


class Listener(Protocol):
    """Takes in events and asks nothing."""

    def show(self, event: Event) -> None:
        """Take in one event."""


class Shared:
    """A view whose events others hear too, before it shows them.

    Args:
        view: The view.
        listeners: The others.
    """

    def __init__(self, view: View, listeners: Sequence[Listener]) -> None:
        self._view = view
        self._listeners = listeners

    @property
    def attended(self) -> bool:
        """Whether a learner is there to be asked."""
        return self._view.attended

    def show(self, event: Event) -> None:
        """Let everybody have an event."""
        for listener in self._listeners:
            listener.show(event)
        self._view.show(event)

    def wait(self, pause: Pause) -> Action | Answer:
        """Ask as the view does."""
        return self._view.wait(pause)


class PictureSaver:
    """Saves the charts and the taps that a step has names for, as SVG.

    Args:
        folder: Where; it is made if need be. A file is named after lesson,
            step and variable, as `01_18_chart.svg`.
        notices: Gets a sentence on each file that cannot be written. The
            lesson goes on without it.

    Raises:
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: Path, notices: list[str]) -> None:
        self._folder = folder
        self._notices = notices
        self._lesson = ""
        folder.mkdir(parents=True, exist_ok=True)

    def show(self, event: Event) -> None:
        """Save what a step has drawn, when it has ended."""
        match event:
            case events.LessonBegan(lesson):
                self._lesson = lesson.path.stem.partition("_")[0]
            case events.StepEnded(step, names=names):
                kinds = _kinds()
                for name, value in names.items():
                    if isinstance(value, kinds):
                        stem = f"{self._lesson}_{step.number:02}_{name}"
                        self._save(value, self._folder / f"{stem}.svg")

    def _save(self, drawn: "Picture | Tap | UDPTap", path: Path) -> None:
        try:
            drawn.save(str(path))
        except OSError as error:
            why = error.strerror or error
            self._notices.append(f"{path} cannot be written: {why}.")


def _kinds() -> "tuple[type[Picture | Tap | UDPTap], ...]":
    """Return what can be saved; imported when something may be there."""
    from netbasics.pictures import Picture
    from netbasics.wire import Tap, UDPTap

    return Picture, Tap, UDPTap
