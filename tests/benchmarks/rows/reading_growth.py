"""Reading ten times as much: more bytes, longer frames, longer lines."""

from collections.abc import Iterator
from itertools import pairwise

from benchmarks.measuring import Contender, Figure, Row
from benchmarks.rows.reading import (
    MANY,
    MIB,
    frame_of,
    line_of,
    ours_exactly,
    ours_frames,
    ours_lines,
    read_by,
)


def growing(
    name: str,
    what: str,
    contenders: dict[str, Contender],
) -> Row:
    """Return a row whose contenders are ten times as large as the one before.

    A message of each is to cost at most twelve times what the one before does.
    """
    figures = [
        Figure("seconds", 12, "at most", ten_times, before)
        for before, ten_times in pairwise(contenders)
    ]
    return Row(name, what, "messages", contenders, figures)


def sizes() -> Iterator[Row]:
    """Give the rows: ours, at sizes each ten times the one before."""
    ten = bytes(10 * MIB)
    yield growing(
        "read-exactly-growth",
        "ours: recv_exactly, ten times the bytes",
        {
            "1 MiB": read_by(ours_exactly, bytes(MIB), 1000, MIB),
            "10 MiB": read_by(ours_exactly, ten, 100, len(ten)),
        },
    )
    yield growing(
        "read-frames-growth",
        "ours: frames, ten times as long",
        {
            f"{size:,} B": read_by(ours_frames, frame_of(size), count, size)
            for size, count in ((100, MANY), (1000, 500_000), (10_000, 60_000))
        },
    )
    yield growing(
        "read-lines-growth",
        "ours: lines, ten times as long",
        {
            f"{size:,} B": read_by(ours_lines, line_of(size), count, size)
            for size, count in ((100, MANY), (1000, 500_000), (10_000, 60_000))
        },
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return list(sizes())
