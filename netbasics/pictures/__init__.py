"""Pictures of numbers: bars, lines and timelines, as text and as SVG.

    >>> from netbasics import pictures
    >>> took = {"one after the other": 3.1, "threads": 0.21}
    >>> print(pictures.bars(took, title="30 requests", width=60))
    30 requests
    one after the other │████████████████████████████████ 3.10 s
                threads │██▏ 0.21 s

A picture is drawn when it is printed, and saved by `save`. What each file is
for: `picture` is what all have in common; `bars`, `lines` and `timelines` draw
one kind each; `amounts` checks, rounds and labels numbers; `texts` draws with
signs, and `paper` draws SVG.
"""

from netbasics.pictures.bars import bars
from netbasics.pictures.lines import line
from netbasics.pictures.picture import Picture
from netbasics.pictures.timelines import timeline

__all__ = ["Picture", "bars", "line", "timeline"]
