"""What all pictures have in common: they print, save, and show themselves."""

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from netbasics.pictures.paper import Paper
from netbasics.pictures.texts import readable, tidy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Picture"]

NARROWEST = 40


class Picture(ABC):
    """Numbers to look at.

    Printed, it is text of at most `width` columns, in signs that the place has:
    where that has ASCII only, the drawing is ASCII. In a notebook it is an SVG.
    Pictures cannot be changed, so threads may share them.

    Args:
        title: What is shown, for the line above; may be empty.
        width: How many columns the text may have.

    Raises:
        ValueError: `width` is less than 40.
    """

    def __init__(self, title: str, width: int) -> None:
        if width < NARROWEST:
            raise ValueError(
                f"width={width} columns is too narrow for names, a drawing and "
                f"numbers: give {NARROWEST} or more"
            )
        self.title = tidy(title)
        self.width = width

    def text(self) -> str:
        """Return the picture as text, whatever signs the terminal has."""
        from netbasics.wire.terminals import cut

        title = [cut(self.title, self.width)] if self.title else []
        return "\n".join(line.rstrip() for line in [*title, *self._lines()])

    def svg(self) -> str:
        """Return the picture as an SVG document that needs nothing else."""
        paper = Paper(self.title)
        self._draw(paper)
        return paper.document(self._words())

    def save(self, path: "str | Path") -> "Path":
        """Write the picture to a file; its suffix says in which form.

        Args:
            path: The file: `.svg` or `.txt` (UTF-8).

        Returns:
            The path.

        Raises:
            ValueError: There is no such form.
            OSError: The file cannot be written.
        """
        from pathlib import Path

        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in (".svg", ".txt"):
            raise ValueError(
                f"{str(path)!r} does not say what to write: end it in .svg or "
                ".txt"
            )
        content = self.svg() if suffix == ".svg" else f"{self.text()}\n"
        target.write_text(content, "utf-8")
        return target

    def _repr_svg_(self) -> str:
        """Be the picture, where a notebook asks for one."""
        return self.svg()

    def __str__(self) -> str:
        return readable(self.text(), getattr(sys.stdout, "encoding", None))

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        return f"<{type(self).__name__.lower()}{title}: {self._words():.60}>"

    @abstractmethod
    def _lines(self) -> list[str]:
        """Return the drawing in signs, line by line."""

    @abstractmethod
    def _draw(self, paper: Paper) -> None:
        """Draw on paper, from its `y` down."""

    @abstractmethod
    def _words(self) -> str:
        """Return what is seen in words, for those who listen."""
