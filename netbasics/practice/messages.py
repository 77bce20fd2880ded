"""Tell a learner what a check found, as what happened on the wire."""

import re
import textwrap

from netbasics.practice.catalogue import Exercise
from netbasics.practice.findings import Finding

__all__ = ["prose", "tell", "tell_hint", "tell_in_a_line"]

WIDTH = 76
ADVICE = {
    "no syntax": "Repair the line, then save.",
    "not there": "Write it, or put it back: `netbasics reset {name}` makes the "
    "file new and keeps yours beside it.",
    "signature": "Keep the stub's line with `def` as it is.",
    "floods": "Is there a print in a loop without end?",
    "crashes": "Python itself fell over. Deep recursion, or ctypes?",
}


def tell_in_a_line(exercise: Exercise, finding: Finding) -> str:
    """Return what a list of many failures has room for."""
    if finding.kind == "not written":
        name = f"{exercise.number} {exercise.name}"
        return f"{name} is not written yet: {exercise.task}"
    return f"{exercise.number} {exercise.name}: {finding.headline}"


def tell(exercise: Exercise, finding: Finding) -> str:
    """Return the whole story of a failure, as plain text of 80 columns.

    Args:
        exercise: The exercise.
        finding: What its check found.
    """
    if finding.kind == "not written":
        return _not_written(exercise)
    blocks = [_wrap(f"{exercise.number} {exercise.name}: {finding.headline}.")]
    if finding.story:
        blocks.append(prose(finding.story))
    blocks.append(_facts(finding))
    if finding.mistake:
        blocks.append(prose(finding.mistake))
    blocks += [_wrap(note) for note in finding.notes]
    if finding.diagram:
        blocks.append(f"What passed:\n\n{finding.diagram}")
    if finding.lines:
        blocks.append(_lines(exercise, finding))
    if finding.printed.strip():
        printed = _printed(finding.printed)
        blocks.append(f"Your program printed (the end of it):\n{printed}")
    advice = ADVICE.get(finding.kind, "").format(name=exercise.name)
    blocks.append(_wrap(advice))
    return "\n\n".join(block for block in blocks if block)


def tell_hint(exercise: Exercise, step: int) -> str:
    """Return one of the three hints; its code keeps its shape."""
    hint = exercise.hints[step - 1].strip("\n")
    text = hint if "\n" in hint else _wrap(hint)
    head = f"Hint {step} of {len(exercise.hints)} on {exercise.number} "
    return f"{head}{exercise.name}:\n\n{textwrap.indent(text, '  ')}"


def _not_written(exercise: Exercise) -> str:
    return _wrap(
        f"{exercise.number} {exercise.name} is not written yet. Write "
        f"`{exercise.signature}` in {exercise.name}.py: {exercise.task}"
    )


def _facts(finding: Finding) -> str:
    """Return the call, what came of it and what should have, side by side."""
    rows = [
        ("called", finding.called),
        ("expected", finding.expected),
        ("got", finding.got),
    ]
    return "\n".join(
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=f"  {label + ':':<10}",
            subsequent_indent=" " * 12,
            break_on_hyphens=False,
            drop_whitespace=False,
        )
        for label, text in rows
        if text
    )


def _lines(exercise: Exercise, finding: Finding) -> str:
    was = "where it was" if finding.kind == "hangs" else "that led there"
    lines = [f"Your lines {was}, in {exercise.name}.py:"]
    lines += [
        f"  {line.number:>4}  {line.text[: WIDTH - 8]}"
        for line in finding.lines[-5:]
    ]
    return "\n".join(lines)


def prose(text: str) -> str:
    r"""Return Markdown as text of 76 columns; code and lists keep their shape.

    >>> print(prose("one\ntwo\n\n    code\n    more"))
    one two
    <BLANKLINE>
        code
        more
    """
    blocks = text.strip("\n").split("\n\n")
    return "\n\n".join(
        block if _SHAPED.search(block) else _wrap(block) for block in blocks
    )


_SHAPED = re.compile(r"^(    |```|[-*] |\d+\. |\|)", re.M)
"""What begins a line of code, of a list or of a table."""


def _printed(text: str) -> str:
    """Return the end of what was printed, with nothing that moves a cursor."""
    clean = "".join(
        sign if sign.isprintable() or sign == "\n" else f"\\x{ord(sign):02x}"
        for sign in text.strip().expandtabs().replace("\r\n", "\n")
    )
    lines = [
        piece
        for line in clean.splitlines()
        for piece in textwrap.wrap(line, WIDTH - 4) or [""]
    ]
    return textwrap.indent("\n".join(lines[-10:]), "  | ", lambda line: True)


def _wrap(text: str) -> str:
    """Wrap prose at the width, paragraph by paragraph."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(
        textwrap.fill(" ".join(each.split()), WIDTH) for each in paragraphs
    )
