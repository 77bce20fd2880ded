"""The fault table: every fault of the lab against every client, measured.

What a client does with a peer that misbehaves is not in its documentation, and
changes from version to version. So it is tried out, each time: every cell is a
process of its own, with a peer, a client and a limit.

Read the files in this order: `targets` (what clients are pointed at, and under
which limits), `plain` and `ours` (the clients), `cells` (one process: what
happened, and was that right), `running` (many of them at once, each with its
limit), `printing` (the table as text and as a page).
"""

from netbasics.cli.faults.cells import CLIENTS, OURS, Cell, Outcome
from netbasics.cli.faults.printing import as_page, as_text, legend, summary
from netbasics.cli.faults.running import Row, cells, run

__all__ = [
    "CLIENTS",
    "OURS",
    "Cell",
    "Outcome",
    "Row",
    "as_page",
    "as_text",
    "cells",
    "legend",
    "run",
    "summary",
]
