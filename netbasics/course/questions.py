"""Predictions: questions that are asked before a run, and decided by it.

A step declares them; the run is asked for the truth:

    @lesson.step(
        ask=Choice(
            "How many times must the client call `recv`?",
            {
                "once": "All five were waiting together.",
                "five times": "So it looks from the sender's side.",
            },
            truth=lambda ran: "once" if len(ran.pieces) == 1 else "five times",
        )
    )

A wrong prediction is no failure. So every answer has a reply of its own, and
a question that nobody answers still says what happened.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

__all__ = ["Choice", "Number", "Question", "Ran", "Text", "Verdict"]

Value = TypeVar("Value")
# The variables of the step, after the run, as attributes.
Ran = Any


@dataclass(frozen=True)
class Verdict:
    """What a run says of a prediction.

    `given` is the learner's answer, or None; `truth` what happened, in words;
    `right` says whether they agree (None: nothing was answered); `reply` is
    for the learner, in Markdown.
    """

    given: str | None
    truth: str
    right: bool | None
    reply: str


@dataclass(frozen=True)
class Question(Generic[Value]):
    """What all questions have.

    Args:
        text: The question, in Markdown.
        truth: What really happens: found in the step's variables after the
            run, or a plain value where the run cannot decide it.
        part: Before which of the step's pieces of code it is asked, from 1.
    """

    text: str
    _: KW_ONLY
    truth: Callable[[Ran], Value] | Value
    part: int = 1

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers to choose from; empty where one is free."""
        return ()

    @property
    def free(self) -> bool:
        """Whether any text may be an answer, also a single letter."""
        return False

    @property
    def hint(self) -> str:
        """What kind of answer is expected, in a word or two."""
        raise NotImplementedError

    def read(self, answer: str) -> str:
        """Return an answer in its tidy form.

        Raises:
            ValueError: It is no answer to this question; the message says what
                would be one.
        """
        raise NotImplementedError

    def judge(self, given: str | None, names: Mapping[str, object]) -> Verdict:
        """Compare an answer with what the run really did.

        Args:
            given: The answer as `read` returned it, or None.
            names: The step's variables after the run.

        Raises:
            Exception: Whatever the author's `truth` raises.
        """
        return self._verdict(given, self._happened(names))

    def _happened(self, names: Mapping[str, object]) -> Value:
        if callable(self.truth):
            found: Value = self.truth(SimpleNamespace(**names))
            return found
        return self.truth

    def _verdict(self, given: str | None, truth: Value) -> Verdict:
        raise NotImplementedError


@dataclass(frozen=True)
class Choice(Question[str]):
    """A question with answers to choose from.

    Args:
        text: The question.
        replies: The answers, each with what is said to whoever chose it.
        truth: One of the answers, or what returns one.
        part: See `Question`.

    Raises:
        ValueError: There are not two to nine answers, or the truth is none of
            them.

    Example:
        >>> ask = Choice(
        ...     "Which comes first?",
        ...     {"the hen": "It laid it.", "the egg": "It did."},
        ...     truth=lambda ran: "the egg" if ran.eggs else "the hen",
        ... )
        >>> ask.judge(ask.read("1"), {"eggs": 3}).reply
        'It laid it.'
        >>> ask.judge(ask.read("the egg"), {"eggs": 3})
        Verdict(given='the egg', truth='the egg', right=True, reply='It did.')
    """

    replies: Mapping[str, str]

    def __post_init__(self) -> None:
        if not 2 <= len(self.replies) <= 9:
            raise ValueError(
                f"{self.text!r} has {len(self.replies)} answers to choose "
                "from; give it two to nine"
            )
        if isinstance(self.truth, str):
            self._known(self.truth)

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers, in their order."""
        return tuple(self.replies)

    @property
    def hint(self) -> str:
        """The keys to press."""
        return f"1-{len(self.replies)}"

    def read(self, answer: str) -> str:
        """Return the answer of that number, from 1, or of those words."""
        answer = answer.strip()
        if answer in self.replies:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(self.replies):
            return self.choices[int(answer) - 1]
        raise ValueError(f"{answer!r} is none of {self.hint}")

    def _known(self, truth: str) -> str:
        if truth not in self.replies:
            raise ValueError(
                f"the truth of {self.text!r} is {truth!r}, which is none of "
                f"its answers: {', '.join(map(repr, self.replies))}"
            )
        return truth

    def _verdict(self, given: str | None, truth: str) -> Verdict:
        self._known(truth)
        right = None if given is None else given == truth
        return Verdict(given, truth, right, self.replies[given or truth])


@dataclass(frozen=True)
class Number(Question[float]):
    """A question for a number.

    Args:
        text: The question.
        truth: The number, or what returns it.
        unit: What is counted: `"bytes"`, `"s"`.
        within: How far off an answer may be and still be right, as a part of
            the truth: 0.1 is ten per cent, 0 is exact.
        right: The reply to a right answer, and to none.
        low: The reply to one that is too low.
        high: The reply to one that is too high.
        part: See `Question`.

    Example:
        >>> ask = Number(
        ...     "How long is a second?",
        ...     truth=lambda ran: ran.took,
        ...     unit="ms",
        ...     within=0.1,
        ...     right="It is.",
        ...     low="Longer.",
        ...     high="Shorter.",
        ... )
        >>> ask.judge(ask.read("1,050"), {"took": 1000}).right
        True
        >>> ask.judge(ask.read("1 ms"), {"took": 1000})
        Verdict(given='1 ms', truth='1,000 ms', right=False, reply='Longer.')
    """

    _: KW_ONLY
    right: str
    low: str
    high: str
    unit: str = ""
    within: float = 0.0

    @property
    def hint(self) -> str:
        """The unit."""
        return f"a number ({self.unit})" if self.unit else "a number"

    def read(self, answer: str) -> str:
        """Return the number with its unit; commas and the unit may be there."""
        found = re.fullmatch(
            r"\s*(-?[\d,_]*\.?\d+)\s*([^\d\s].*)?", answer.rstrip()
        )
        unit = (found[2] or "").strip() if found else ""
        if found is None or unit not in ("", self.unit):
            raise ValueError(f"{answer.strip()!r} is not {self.hint}")
        return self._written(float(re.sub("[,_]", "", found[1])))

    def _written(self, number: float) -> str:
        if number == int(number):
            text = f"{int(number):,}"
        elif abs(number) >= 1:
            text = f"{number:,.2f}".rstrip("0")
        else:
            text = f"{number:.3g}"
        return f"{text} {self.unit}".rstrip()

    def _verdict(self, given: str | None, truth: float) -> Verdict:
        written = self._written(truth)
        if given is None:
            return Verdict(None, written, None, self.right)
        number = float(given.removesuffix(self.unit).replace(",", ""))
        if given == written or abs(number - truth) <= self.within * abs(truth):
            return Verdict(given, written, True, self.right)
        reply = self.low if number < truth else self.high
        return Verdict(given, written, False, reply)


@dataclass(frozen=True)
class Text(Question[str]):
    """A question for a few words.

    Case, blanks and punctuation do not count.

    Args:
        text: The question.
        truth: The words, or what returns them.
        right: The reply to a right answer, and to none.
        wrong: The reply to any other.
        replies: Replies to answers that many people give.
        part: See `Question`.

    Example:
        >>> ask = Text(
        ...     "What does `recv` return at the end?",
        ...     truth=lambda ran: repr(ran.last),
        ...     right="It means: finished.",
        ...     wrong="No error, and not nothing.",
        ...     replies={"None": "`recv` always returns bytes."},
        ... )
        >>> ask.judge("B''", {"last": b""}).right
        True
        >>> ask.judge("none", {"last": b""}).reply
        '`recv` always returns bytes.'
    """

    _: KW_ONLY
    right: str
    wrong: str
    replies: Mapping[str, str] = field(default_factory=dict)

    @property
    def free(self) -> bool:
        """Whether any text may be an answer: yes."""
        return True

    @property
    def hint(self) -> str:
        """Anything goes."""
        return "a few words"

    def read(self, answer: str) -> str:
        """Return the words without the blanks around them."""
        answer = answer.strip()
        if not answer:
            raise ValueError("there is no answer")
        return answer

    def _verdict(self, given: str | None, truth: str) -> Verdict:
        if given is None:
            return Verdict(None, truth, None, self.right)
        if _bare(given) == _bare(truth):
            return Verdict(given, truth, True, self.right)
        for answer, reply in self.replies.items():
            if _bare(given) == _bare(answer):
                return Verdict(given, truth, False, reply)
        return Verdict(given, truth, False, self.wrong)


def _bare(text: str) -> str:
    """Drop what does not count; of signs alone, keep them."""
    return re.sub(r"[\W_]", "", text.casefold()) or text.strip()
