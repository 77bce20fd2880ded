"""Move code to the left and to the right, and leave its strings alone."""

import ast

__all__ = ["at_margin", "indented", "inside_strings"]

LONG = ('"""', "'''", "\\\n")  # without one, no string goes over lines


def inside_strings(source: str) -> set[int]:
    """Return the numbers of the lines that begin within a string."""
    if not any(sign in source for sign in LONG):
        return set()  # the most part, and found without reading the code
    return {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for number in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }


def at_margin(source: str) -> str:
    r"""Return indented code so that it begins at the margin.

    `textwrap.dedent` would not do: it takes blanks away within strings, and
    takes none at all where a string goes on further to the left.

    Example:
        >>> print(at_margin('    x = 1\n    y = \'\'\'a\n  b\'\'\''))
        x = 1
        y = '''a
          b'''
    """
    lines = source.strip("\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    if not indent:
        return "\n".join(lines)
    inside = inside_strings("\n".join(["if True:", *lines]))
    return "\n".join(
        line if number in inside else _moved(line, indent)
        for number, line in enumerate(lines, 2)
    )


def _moved(line: str, indent: int) -> str:
    # A comment may stand further to the left than the code.
    return line[indent:] if not line[:indent].strip() else line.lstrip()


def indented(source: str) -> str:
    r"""Indent code by four, but not the inside of its strings.

    Example:
        >>> print(indented('x = 1\ny = \'\'\'a\nb\'\'\''))
            x = 1
            y = '''a
        b'''
    """
    inside = inside_strings(source)
    return "\n".join(
        line if number in inside or not line.strip() else f"    {line}"
        for number, line in enumerate(source.split("\n"), 1)
    )
