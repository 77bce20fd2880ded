"""Numbers for people: which are refused, how they are rounded and labelled."""

import math
from collections.abc import Iterable
from numbers import Real
from typing import NamedTuple

__all__ = ["Scale", "amount", "scale_for", "ticks"]

MOST = 1e12  # more digits than that do not fit beside a bar
LEAST = 1e-12  # below, a range counts as none


def amount(value: object, what: str) -> float:
    """Return a number that can be drawn.

    Args:
        value: The number.
        what: What it stands for, for the message.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative, infinite, not a number (NaN) or too large.

    Example:
        >>> amount(-1, "the value of 'mail'")
        Traceback (most recent call last):
        ValueError: the value of 'mail' is -1: a picture shows numbers from 0 to
        1e+12; ...
    """
    if not isinstance(value, Real):
        raise TypeError(
            f"{what} is {value!r:.60}, a {type(value).__name__}: give a number"
        )
    number = float(value)
    # NaN compares as false with everything, so it is refused here too.
    if not 0 <= number <= MOST:
        raise ValueError(
            f"{what} is {value}: a picture shows numbers from 0 to {MOST:g}; "
            "leave out what could not be measured"
        )
    return number


class Scale(NamedTuple):
    """How the numbers of one picture are written: all in the same unit.

    Args:
        factor: What a value is multiplied by, to be in `unit`.
        unit: The unit that is shown.
        decimals: How many digits stand behind the point.
    """

    factor: float
    unit: str
    decimals: int

    def number(self, value: float) -> str:
        """Return a value as text, without its unit.

        Example:
            >>> Scale(1000, "ms", 1).number(0.0345)
            '34.5'
        """
        shown = value * self.factor
        if not shown:
            return "0"
        if round(shown, self.decimals) == 0:
            return f"{shown:.1g}"  # little, but not nothing
        return f"{shown:,.{self.decimals}f}"

    def label(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{self.number(value)} {self.unit}".rstrip()


def scale_for(values: Iterable[float], unit: str) -> Scale:
    """Return how to write these values: three digits for the largest.

    Seconds become milliseconds where all values are below one second.

    Example:
        >>> scale_for([0.21, 0.0345], "s").label(0.0345)
        '34 ms'
        >>> scale_for([3, 7312], "requests").label(7312)
        '7,312 requests'
    """
    known = list(values)
    largest = max(known, default=0.0)
    factor = 1.0
    if unit == "s" and 0 < largest < 1:
        factor, unit = 1000.0, "ms"
    whole = factor == 1 and all(value == int(value) for value in known)
    return Scale(factor, unit, 0 if whole else _decimals(largest * factor))


def _decimals(largest: float) -> int:
    if largest < LEAST:
        return 0
    return max(0, 2 - math.floor(math.log10(largest)))


def ticks(
    low: float, high: float, most: int, scale: Scale | None = None
) -> list[tuple[float, str]]:
    """Return round numbers that cover a range, each with its label.

    They lie 1, 2 or 5 apart, or ten times that, and so on: between such marks
    people can read off the rest.

    Args:
        low: Where the range begins.
        high: Where it ends.
        most: How many ticks there is room for, 2 at least.
        scale: The unit in which they are round; None takes the numbers as
            they are.

    Returns:
        The ticks. The first is not above `low`, the last not below `high`.

    Example:
        >>> ticks(0, 0.013, 4, Scale(1000, "ms", 1))
        [(0.0, '0'), (0.005, '5'), (0.01, '10'), (0.015, '15')]
    """
    factor = scale.factor if scale else 1.0
    first, last, step = _steps(low * factor, high * factor, most)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return [
        (number * step / factor, f"{number * step:,.{places}f}")
        for number in range(first, last + 1)
    ]


def _steps(low: float, high: float, most: int) -> tuple[int, int, float]:
    """Return the first and the last tick, counted in steps, and the step."""
    if high - low < max(LEAST, high * LEAST):
        high = low + (low if low > LEAST else 1)
    power = 10.0 ** (math.floor(math.log10((high - low) / most)) - 1)
    while True:
        for digit in (1, 2, 5):
            step = digit * power
            # A number that misses a tick by a rounding error is on it.
            first = math.floor(low / step + 1e-9)
            last = math.ceil(high / step - 1e-9)
            if last - first < max(most, 2):
                return first, last, step
        power *= 10
