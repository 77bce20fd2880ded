"""Ask the learner at a pause: which keys there are, and what they mean."""

from collections.abc import Callable
from string import ascii_letters, digits, punctuation

from netbasics.course.events import Action, Answer, Pause
from netbasics.course.keys import Keyboard

__all__ = ["ask", "keys", "prompt"]

KEYS: dict[str, tuple[Action, str]] = {
    "r": ("again", "run this step again"),
    "b": ("back", "go back to the step before"),
    "c": ("code", "show the code again"),
    "w": ("wire", "show what went over the wire in this step"),
    "e": ("edit", "open this step in your editor, then run it"),
    "p": ("python", "Python prompt, with what the step has open"),
    "q": ("leave", "quit; you can go on here another time"),
}
ANY_KEY = {*ascii_letters, *digits, *punctuation, " "}
WORDS = {"quit": "q", "exit": "q", "help": "?"}


def ask(
    keyboard: Keyboard,
    pause: Pause,
    draw: Callable[[], None],
    tell: Callable[[str], None],
) -> Action | Answer:
    """Ask until there is an answer that makes sense here.

    Args:
        keyboard: Where the answer comes from.
        pause: Where we are.
        draw: Draws the prompt.
        tell: Shows lines of text to the learner.
    """
    while True:
        try:
            typed = keyboard.ask(draw, _at_once(pause)).strip()
        except EOFError:
            return "leave"
        typed = WORDS.get(typed.lower(), typed)
        if not typed:
            return "go"
        action, _ = KEYS.get(typed.lower(), (None, ""))
        if action in pause.allowed:
            return action
        if typed == "?":
            tell(keys(pause))
        elif pause.question is None:
            tell(f"{typed!r} is no key here; ? lists them.")
        else:
            try:
                return Answer(pause.question.read(typed))
            except ValueError as error:
                tell(f"{error}; Enter alone goes on without an answer.")


def prompt(pause: Pause) -> str:
    """Return what stands at the prompt.

    >>> prompt(Pause("run"))
    'Enter: run   ?: keys   q: quit'
    """
    enter = f"Enter: {pause.before}"
    if pause.question is None:
        return f"{enter}   ?: keys   q: quit"
    if pause.question.choices:
        return f"{pause.question.hint}: what you expect   {enter}   ?: keys"
    return f"{enter}   ?: keys   or your answer: {pause.question.hint}"


def keys(pause: Pause) -> str:
    """Return what each key does here, a line for each."""
    lines = [("Enter", f"go on: {pause.before}")]
    if pause.question is not None:
        lines.append((pause.question.hint, "answer the question"))
    lines += [
        (key, text)
        for key, (action, text) in KEYS.items()
        if action in pause.allowed
    ]
    width = max(len(key) for key, _ in lines)
    return "\n".join(f"{key:>{width}}  {text}" for key, text in lines)


def _at_once(pause: Pause) -> set[str]:
    """Return the keys that need no Enter.

    Where no text is to be typed these are all: a key that means nothing here
    is told so at once, and does not wait for an Enter. The space bar goes on,
    as it does in a pager.
    """
    if pause.question is None or pause.question.choices:
        return ANY_KEY
    if pause.question.free:
        return set()
    return {
        "?",
        *(k for k, (action, _) in KEYS.items() if action in pause.allowed),
    }
