"""How a learner answers: one line at a prompt."""

from collections.abc import Callable

from netbasics.course.events import Action

__all__ = ["Ask", "ask_line"]

Ask = Callable[[str], Action]


def ask_line(prompt: str) -> Action:
    """Show a prompt and read a line: Enter goes on, `q` or Ctrl-D leaves."""
    try:
        answer = input(prompt)
    except EOFError:
        print()  # Ctrl-D leaves the cursor behind the prompt
        return "leave"
    return "leave" if answer.strip().lower() in ("q", "quit") else "go"
