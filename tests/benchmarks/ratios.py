"""The median of some rounds, and the interval that holds it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

__all__ = ["Ratio"]


@dataclass(frozen=True)
class Ratio:
    """The median of a ratio over the rounds, and how far it can be trusted.

    `low` and `high` hold the median with 95 % or more, whatever the values'
    distribution: the order statistics that a sign test leaves.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Ratio":
        """Return the ratio of these rounds."""
        ordered = sorted(values)
        cut = _cut(len(ordered))
        return cls(statistics.median(ordered), ordered[cut], ordered[-cut - 1])


def _cut(count: int) -> int:
    """Return how many values at either end the 95 % interval leaves out."""
    cut = 0
    tail = 2 * 0.5**count
    while tail + 2 * comb(count, cut + 1) * 0.5**count < 0.05:
        cut += 1
        tail += 2 * comb(count, cut) * 0.5**count
    return cut
