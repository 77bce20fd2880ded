"""Exercises: the learner's own code, checked by peers that misbehave.

>>> from netbasics import practice
>>> practice.find("recv_exactly").task
'Read exactly `count` bytes from a socket.'

What each file is for:

- `catalogue` knows the exercises; `words` are the types that they share;
- `check` (with `outcomes`) is what a check is written with; `child` is the
  process it runs in, behind the `fences`, with `loading` and `stacks`;
  `children` begins and ends that process, `checking` gives it a text,
  `findings` is what comes back, and `messages` tells it;
- `workspace` is the learner's folder, `making` makes it, `collecting` is what
  pytest does there, `listing` lists it;
- `watching` is the loop of `netbasics practice`, with `saving` (the file),
  `pressing` (the keys), `running` (the check), `screen` and `colours`;
- `proving` and `reviewing` prove the course to its authors.
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
