"""What a learner does at a pause besides reading: try things, change them."""

from netbasics.course.events import AtPrompt, Editing, Event

__all__ = ["serve"]


def serve(event: Event) -> None:
    """Open the Python prompt or the editor, if the event asks for one."""
    match event:
        case AtPrompt(_, names):
            from netbasics.course.prompt import interact

            interact(names, banner=BANNER)
        case Editing(lesson, step):
            from netbasics.course.editing import edit
            from netbasics.places import home

            edit(lesson, step, home())


BANNER = """\
A Python prompt inside this step: its variables are here, and what is open is
still open. `await` works. Ctrl-D or exit() goes back to the lesson."""
