"""One cell: one fault and one client, in a process of its own."""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from netbasics import lab
from netbasics.cli.faults import ours, plain
from netbasics.cli.faults.targets import Target

__all__ = ["CLIENTS", "OURS", "Cell", "Outcome", "perform"]

HTTP = frozenset({"tcp", "tls", "http", "json"})
EVERYTHING = HTTP | {"udp", "dns"}

# Each with the kinds of faults that it can meet.
CLIENTS: dict[str, tuple[Callable[[Target], bytes], frozenset[str]]] = {
    "socket": (plain.bare_socket, EVERYTHING),
    "urllib": (plain.with_urllib, HTTP),
    "requests": (plain.with_requests, HTTP),
    "aiohttp": (plain.with_aiohttp, HTTP),
    "sockets": (ours.with_sockets, frozenset({"tcp", "udp", "dns"})),
    "clients": (ours.with_clients, HTTP),
    "apis": (ours.with_apis, HTTP),
    "aio": (ours.with_aio, HTTP),
}
OURS = ("sockets", "clients", "apis", "aio")

# Above what the process has when it begins, in bytes. A client that unpacks a
# gigabyte is to be stopped before the machine is.
MEMORY = 256 << 20

What = Literal["exception", "success", "wrong success", "hung", "crashed"]


@dataclass(frozen=True)
class Outcome:
    """What became of a cell.

    Args:
        what: How it ended.
        seconds: How long the client took.
        name: The class of the exception.
        message: What it says, on one line.
    """

    what: What
    seconds: float
    name: str = ""
    message: str = ""

    @property
    def text(self) -> str:
        """What is shown in a table: the exception's name, or how it ended."""
        return self.name or self.what


@dataclass(frozen=True)
class Cell:
    """A fault and a client, by their names.

    Args:
        fault: The fault's name, as `lab.find` knows it.
        client: One of `CLIENTS`.
    """

    fault: str
    client: str

    def is_right(self, outcome: Outcome) -> bool:
        """Return whether a correct client does that."""
        should = lab.find(self.fault).should
        wanted = {"fail": "exception", "succeed": "success"}[should]
        return outcome.what == wanted


def perform(cell: Cell, folder: str, pipe: Connection) -> None:
    """Run one cell and send what became of it; the process then ends.

    Args:
        cell: What to do.
        folder: Where a certificate can be written; the caller removes it.
        pipe: Gets None when the client begins, then an `Outcome`.
    """
    _settle()
    try:
        pipe.send(_meet(cell, folder, pipe))
    except Exception as error:  # of the peer, or of this very table
        name = type(error).__name__
        pipe.send(Outcome("crashed", 0.0, name, f"before it began: {error}"))
    pipe.close()


def _meet(cell: Cell, folder: str, pipe: Connection) -> Outcome:
    """Start the peer and let the client ask it."""
    fault = lab.find(cell.fault)
    ask, _ = CLIENTS[cell.client]
    with fault.run() as peer:
        pem = None
        if fault.trusted and peer.authority is not None:
            pem = Path(folder, f"{cell.fault}-{cell.client}.pem")
            peer.authority.write_pem(pem)
        pipe.send(None)
        return _try(ask, Target(fault, peer, pem))


def _settle() -> None:
    """Make this process quiet, small, and independent of its environment."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    for name in list(os.environ):
        proxy = name.lower().endswith("_proxy")
        if proxy or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            del os.environ[name]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, sys.stderr.fileno() if sys.stderr else 2)
    # Where there are no such limits, the client must show them itself.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        most = used + MEMORY
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _try(ask: Callable[[Target], bytes], target: Target) -> Outcome:
    """Let the client ask, and say what it did."""
    began = time.monotonic()
    try:
        body = ask(target)
    except Exception as error:
        seconds = time.monotonic() - began
        message = " ".join(str(error).split())
        # Without our limit it would have taken the machine's memory.
        what: What = "crashed" if _out_of_memory(error) else "exception"
        return Outcome(what, seconds, type(error).__name__, message)
    seconds = time.monotonic() - began
    right = target.fault.should == "succeed" and _is_whole(target, body)
    return Outcome("success" if right else "wrong success", seconds)


def _out_of_memory(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _is_whole(target: Target, body: bytes) -> bool:
    """Return whether this is what the peer meant to say."""
    content = target.peer.content
    if target.json:
        return bool(json.loads(body) == json.loads(content))
    # A UDP peer repeats what it was told, or a part of it.
    return body == content if content else bool(body)
