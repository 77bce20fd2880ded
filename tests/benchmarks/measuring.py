"""Contenders take turns: A B A B, many rounds, and each is its own noise.

A ratio of two medians is fooled by whatever else the machine does meanwhile.
So the contenders of a row take turns within each round, each round gives one
ratio, and the figure is the median of these. The baseline takes part twice:
how far its two turns are apart is what the row's noise is.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from benchmarks.ratios import Ratio

__all__ = [
    "AGAIN",
    "LEAST",
    "ROUNDS",
    "Contender",
    "Figure",
    "Measured",
    "Outcome",
    "Row",
    "Sample",
    "measure",
    "timed",
]

AGAIN = "the same again"
LEAST, ROUNDS = 9, 11  # fewer, and the interval says too little


@dataclass(frozen=True)
class Sample:
    """One turn: `amount` of work done in so many seconds of wall and CPU time.

    `cpu` is of the process that the row is about; None where that cannot be
    said. `extra` has what else was measured, such as bytes a connection.
    """

    amount: float
    wall: float
    cpu: float | None = None
    extra: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Work in a second of wall time."""
        return self.amount / self.wall

    @property
    def wall_each(self) -> float:
        """Seconds of wall time for one piece of work."""
        return self.wall / self.amount

    @property
    def cpu_each(self) -> float | None:
        """CPU seconds for one piece of work."""
        return None if self.cpu is None else self.cpu / self.amount


Turn = Callable[[], Sample]
Contender = Callable[[], AbstractContextManager[Turn]]
"""Sets up, and gives a function that takes one turn."""


def timed(work: Callable[[int], object], amount: int) -> Turn:
    """Return a turn that does `work(amount)` in this process."""

    def turn() -> Sample:
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        work(amount)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Sample(amount, wall, cpu)

    return turn


@dataclass(frozen=True)
class Figure:
    """What is to be reached.

    Args:
        of: Which of a sample's numbers: `"rate"`, `"wall_each"`, `"cpu_each"`,
            or the name of an extra. A contender's is divided by the baseline's.
        reach: The ratio.
        sense: Whether it is to be at least or at most that.
        who: The contender whose figure it is; ours if left out.
        against: The contender that it is compared with; the baseline if left
            out.
        alone: The number itself is meant, not its ratio to another's.
        always: It must hold in every round, not only for their median: what
            is a promise, and not a speed.
        tried: Why it is not reached, if it is known not to be, and what was
            tried; it is told only where its median is not there.
    """

    of: str
    reach: float
    sense: Literal["at least", "at most"]
    who: str = "netbasics"
    against: str = ""
    alone: bool = False
    always: bool = False
    tried: str = ""

    def holds(self, number: float) -> bool:
        """Whether such a number is what is to be reached."""
        if self.sense == "at least":
            return number >= self.reach
        return number <= self.reach


class Outcome(Enum):
    """What became of a figure, in words."""

    REACHED = "reached"
    IN_NOISE = "reached within its noise"
    MISSED = "not reached"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        name: By which it is asked for: `"echo-64"`.
        what: What is measured.
        unit: What a sample's amount counts: `"round trips"`.
        contenders: By name; the first is the baseline, `"netbasics"` is ours.
        figures: What is to be reached; empty where a row only informs.
        missing: Contenders that are left out, with the reason.
    """

    name: str
    what: str
    unit: str
    contenders: Mapping[str, Contender]
    figures: Sequence[Figure] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def baseline(self) -> str:
        """Whom the others are compared with."""
        return next(iter(self.contenders))


@dataclass(frozen=True)
class Measured:
    """A row with the samples of each contender, one for each round."""

    row: Row
    samples: Mapping[str, Sequence[Sample]]

    def values(self, who: str, of: str) -> list[float]:
        """Return a number of each of a contender's samples."""
        return [_number(sample, of) for sample in self.samples[who]]

    def found(self, figure: Figure) -> Ratio:
        """Return what a figure came to."""
        return Ratio.of(self._numbers(figure))

    def outcome(self, figure: Figure) -> Outcome:
        """Say whether a figure is reached.

        A promise (`always`) is kept in each round, or not at all. Else the
        interval decides, and where the median itself misses, that is told.
        """
        found, numbers = self.found(figure), self._numbers(figure)
        if figure.always:
            if all(figure.holds(number) for number in numbers):
                return Outcome.REACHED
            return Outcome.MISSED
        if figure.holds(found.median):
            return Outcome.REACHED
        if figure.holds(found.low) or figure.holds(found.high):
            return Outcome.IN_NOISE
        return Outcome.MISSED

    def ratio(self, who: str, of: str, against: str = "") -> Ratio:
        """Return a contender's number divided by another's, round by round."""
        return Ratio.of(self._ratios(who, of, against))

    def _numbers(self, figure: Figure) -> list[float]:
        """Return what a figure came to in each round."""
        if figure.alone:
            return self.values(figure.who, figure.of)
        return self._ratios(figure.who, figure.of, figure.against)

    def _ratios(self, who: str, of: str, against: str) -> list[float]:
        ours = self.values(who, of)
        theirs = self.values(against or self.row.baseline, of)
        return [a / b for a, b in zip(ours, theirs, strict=True)]


def _number(sample: Sample, of: str) -> float:
    value = sample.extra[of] if of in sample.extra else getattr(sample, of)
    if value is None:
        raise ValueError(f"there is no {of!r} in this sample: {sample}")
    return float(value)


def measure(
    row: Row,
    rounds: int = ROUNDS,
    tell: Callable[[str], None] = lambda text: None,
) -> Measured:
    """Let a row's contenders take turns.

    Args:
        row: The row.
        rounds: How many rounds count; one more goes before them and does not.
        tell: Is told how far it is.
    """
    samples: dict[str, list[Sample]] = {}
    with ExitStack() as stack:
        turns = {
            name: stack.enter_context(contender())
            for name, contender in [
                *row.contenders.items(),
                (AGAIN, row.contenders[row.baseline]),
            ]
        }
        for number in range(rounds + 1):
            tell(f"{row.name}: round {number} of {rounds}")
            for name in _order(list(turns), number):
                sample = turns[name]()
                if number:
                    samples.setdefault(name, []).append(sample)
    return Measured(row, samples)


def _order(names: list[str], number: int) -> list[str]:
    """Rotate, and turn round every second time: neighbours change sides."""
    at = number % len(names)
    order = names[at:] + names[:at]
    return order[::-1] if number % 2 else order
