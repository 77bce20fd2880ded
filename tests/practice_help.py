"""A small exercise of our own, made where a test wants it."""

from pathlib import Path

from netbasics.practice import catalogue
from netbasics.practice.catalogue import Exercise

STUB = '''\
"""1.1 Doubling."""


def double(number: int) -> int:
    """Double a number.

    Args:
        number: A number.

    Returns:
        Twice as much.
    """
    raise NotImplementedError("not written yet")
'''
TEST = '''\
"""Checks double."""

from double import double


def test_two(check):
    """No peer is needed."""
    check.mistake("It was squared.", lambda it: it.value == 9)
    check.returns(6, double, 3)


def test_none(check):
    """Nothing is doubled."""
    check.returns(0, double, 0)
'''
TOML = """\
number = "1.1"
title = "Doubling"
seconds = 2.5
hints = ["A nudge.", "The idea.", "return 2 * number"]
explanation = "Twice is two times."

[mistakes]
squared = "It was squared"
same = "expected: it returns 6"
wrong = "expected: it returns 6"
"""
RIGHT = "def double(number):\n    return 2 * number\n"
SQUARED = "def double(number):\n    return number**2\n"


def exercise(folder: Path, name: str = "double", **files: str) -> Exercise:
    """Make an exercise; `files` replaces texts: `a__b__py` is a/b.py."""
    place = folder / "01_socket_programming" / name
    texts = {
        f"{name}.py": STUB,
        f"test_{name}.py": TEST,
        "exercise.toml": TOML,
        "solution.py": RIGHT,
        "alternatives/sum.py": "def double(n):\n    return n + n\n",
        "mistakes/squared.py": SQUARED,
        "mistakes/same.py": "def double(number):\n    return number\n",
        "mistakes/wrong.py": "def double(number):\n    return 7\n",
    }
    for key, text in files.items():
        path = key.removesuffix("__py").replace("__", "/")
        texts[f"{path}.py"] = text
    for path, text in texts.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, "utf-8")
    return catalogue.read(place)
