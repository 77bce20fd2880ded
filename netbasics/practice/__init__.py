"""Exercises: the learner's own code, checked by peers that misbehave.

>>> from netbasics import practice
>>> practice.find("recv_exactly").task
'Read exactly `count` bytes from a socket.'

What each file is for: `catalogue` knows the exercises; `words` are the types
that their functions share; `check` is what a check is written with, `child`
the process it runs in, behind the `fences`; `checking` starts that process,
`findings` is what comes back, and `messages` tells it.
"""

from netbasics.practice.catalogue import Exercise, exercises, find
from netbasics.practice.words import (
    Cause,
    Frame,
    Policy,
    Report,
    Request,
    Response,
    Result,
)

__all__ = [
    "Cause",
    "Exercise",
    "Frame",
    "Policy",
    "Report",
    "Request",
    "Response",
    "Result",
    "exercises",
    "find",
]
