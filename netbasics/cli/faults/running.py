"""Many cells at once, each with its limit."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from typing import Any

from netbasics import lab
from netbasics.cli.faults.cells import CLIENTS, Cell, Outcome, perform
from netbasics.cli.faults.targets import LIMIT
from netbasics.lab import Fault

__all__ = ["Row", "cells", "run"]

# How long a process may take until its client begins, in seconds. A machine
# that is busy elsewhere is no fault of the client's.
STARTUP = 30.0

# What the cells need, and what those import only when they use it.
PRELOADED = ["netbasics.cli.faults.cells", "netbasics.aio.getting", "trustme"]

Row = tuple[Fault, dict[str, Outcome]]


def cells(names: Iterable[str] = ()) -> list[Cell]:
    """Return the cells of a table: each fault with the clients it can meet.

    Args:
        names: The faults; without any, all that belong in the table and can
            happen on this system.
    """
    faults = [lab.find(name) for name in names]
    if not faults:
        linux = sys.platform == "linux"
        faults = [
            fault
            for fault in lab.faults()
            if fault.row and (linux or fault.name != "full_backlog")
        ]
    return [
        Cell(fault.name, client)
        for fault in faults
        for client, (_, kinds) in CLIENTS.items()
        if fault.kind in kinds
    ]


def run(
    wanted: list[Cell], *, jobs: int | None = None, limit: float = LIMIT
) -> Generator[Row, None, None]:
    """Run the cells, several at once; yield each row when it is complete.

    Args:
        wanted: The cells; those of one fault together.
        jobs: How many at once. Most of them wait and use no processor, so
            there may be more than there are processors.
        limit: How long a client may take, in seconds; then it is ended, and
            counts as hung.
    """
    rows: dict[str, dict[str, Outcome]] = {}
    left: dict[str, int] = {}
    for cell in wanted:
        left[cell.fault] = left.get(cell.fault, 0) + 1
    order = deque(left)
    jobs = jobs or min(16, 4 * (os.cpu_count() or 1))
    with closing(_outcomes(wanted, jobs, limit)) as outcomes:
        for cell, outcome in outcomes:
            rows.setdefault(cell.fault, {})[cell.client] = outcome
            left[cell.fault] -= 1
            # In their order, so that two runs can be compared.
            while order and not left[order[0]]:
                name = order.popleft()
                yield lab.find(name), _in_order(rows.pop(name))


def _in_order(row: dict[str, Outcome]) -> dict[str, Outcome]:
    return {client: row[client] for client in CLIENTS if client in row}


@dataclass
class Running:
    """A cell whose process is running."""

    cell: Cell
    process: Any
    end: float  # on the monotonic clock
    begun: bool = False


def _outcomes(
    wanted: list[Cell], jobs: int, limit: float
) -> Generator[tuple[Cell, Outcome], None, None]:
    """Yield what becomes of each cell, in the order in which they end."""
    waiting = deque(wanted)
    running: dict[connection.Connection, Running] = {}
    context = _context()
    with tempfile.TemporaryDirectory(prefix="netbasics-") as folder:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    # So that none is started and then not known below.
                    with _interrupts_held():
                        cell = waiting.popleft()
                        pipe, started = _start(context, cell, folder)
                        running[pipe] = started
                first = min(entry.end for entry in running.values())
                left = max(0.0, first - time.monotonic())
                for pipe in _ready(running, left):
                    outcome = _heard(pipe, running[pipe], limit)
                    if outcome is not None:
                        yield _ended(pipe, running.pop(pipe)), outcome
                for pipe, entry in list(running.items()):
                    if time.monotonic() >= entry.end and not pipe.poll():
                        outcome = Outcome("crashed", 0.0, "NeverBegun")
                        if entry.begun:
                            outcome = Outcome("hung", limit)
                        yield _ended(pipe, running.pop(pipe)), outcome
        finally:
            for pipe, entry in running.items():
                _ended(pipe, entry)


def _context() -> Any:
    """Return what starts processes in little time.

    To import requests and aiohttp for each cell would take minutes in all. A
    fork server imports them once, and has no threads whose locks a fork could
    catch in the wrong moment. Windows has no fork: there it is slow.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with _interrupts_ignored():
        forkserver.ensure_running()
    return context


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let processes that start here, and their children, not see Ctrl-C.

    A terminal sends it to all of them. Each would print a traceback; it is for
    us alone, who then end them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may change it
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C come at the end of this block, and not inside it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(
    context: Any, cell: Cell, folder: str
) -> tuple[connection.Connection, Running]:
    pipe, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=perform, args=(cell, folder, theirs), daemon=True
    )
    process.start()
    # Ours to close: else its end would not be seen when the process dies.
    theirs.close()
    return pipe, Running(cell, process, time.monotonic() + STARTUP)


def _ready(
    running: dict[connection.Connection, Running], left: float
) -> list[connection.Connection]:
    """Wait until some processes have something to say."""
    ready = connection.wait(list(running), left)
    return [pipe for pipe in running if pipe in ready]


def _heard(
    pipe: connection.Connection, entry: Running, limit: float
) -> Outcome | None:
    """Return what became of a cell, or None if its client has just begun."""
    try:
        outcome: Outcome | None = pipe.recv()
    except EOFError:
        return Outcome("crashed", 0.0)
    if outcome is None:
        entry.begun = True
        entry.end = time.monotonic() + limit
    return outcome


def _ended(pipe: connection.Connection, entry: Running) -> Cell:
    """Put an end to a process, whatever it is doing."""
    pipe.close()
    entry.process.kill()
    entry.process.join()
    entry.process.close()
    return entry.cell
