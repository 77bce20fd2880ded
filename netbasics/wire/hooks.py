"""Put recording methods in the place of those of `socket.socket`, for a while.

`socket.socket` is a Python class on top of one in C, from which it inherits
`send`, `recv` and their kin. A method of the same name in the Python class
comes first wherever a method is looked up: in subclasses, in asyncio, in
sockets that exist already. The C methods themselves stay as they are, and do
all the work. While nobody watches, there is nothing left of it.
"""

import functools
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from netbasics.wire.witness import Witness

__all__ = ["Make", "attach", "complete", "detach", "tell", "watching"]

Method = Callable[..., Any]
# Makes a method of ours from the one that it stands for.
Make = Callable[[Method], Method]
MISSING: Any = object()

_switching = threading.RLock()
# Who watches. A tuple: a call sees the whole of it, before or after a change.
_watching: tuple[Witness, ...] = ()
# What was replaced: the class, the name, ours, and what was there.
_replaced: list[tuple[type, str, Method, Any]] = []


def attach(witness: Witness) -> None:
    """Let a witness be told what the sockets of this program do."""
    global _watching
    with _switching:
        _watching = (*_watching, witness)
        _install()


def detach(witness: Witness) -> None:
    """Tell a witness no more; with the last one, put everything back."""
    global _watching
    with _switching:
        _watching = tuple(w for w in _watching if w is not witness)
        while not _watching and _replaced:
            owner, name, ours, before = _replaced.pop()
            # Where somebody has replaced ours meanwhile, theirs stays, and
            # ours below it only hands on.
            if vars(owner).get(name) is not ours:
                continue
            if before is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


def watching() -> tuple[Witness, ...]:
    """Return who watches now."""
    return _watching


def complete() -> None:
    """Replace what has come since the first watch began: `ssl`."""
    if _watching:
        with _switching:
            if _watching:
                _install()


def _forked() -> None:
    # A child process has its own copy of the record, which nobody sees.
    global _watching
    _watching = ()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _install() -> None:
    """Replace the methods that are not replaced yet; those of TLS, too."""
    from netbasics.wire.methods import PLAIN, TLS  # which use this module

    for name, make in PLAIN.items():
        _replace(socket.socket, name, make)
    # Its sockets read and write past the methods below them. A program that
    # has not imported `ssl` has none, and need not pay for it.
    tls = getattr(sys.modules.get("ssl"), "SSLSocket", None)
    if tls is not None:
        for name, make in TLS.items():
            _replace(tls, name, make)


def _replace(owner: type, name: str, make: Make) -> None:
    done = any(o is owner and n == name for o, n, *_ in _replaced)
    original = getattr(owner, name, None)
    if done or original is None:  # such as sendmsg on Windows
        return
    ours = functools.wraps(original)(make(original))
    before = vars(owner).get(name, MISSING)
    setattr(owner, name, ours)
    _replaced.append((owner, name, ours, before))


def tell(note: Callable[..., Any], *args: Any) -> None:
    """Have every witness note something, such as `Witness.shut`."""
    for witness in _watching:
        witness.guard(note, *args)
