"""Take Python's child processes into the offline internet of their parent.

The parent runs the servers. Children find the table of names in a variable of
the environment, and the code that uses it by PYTHONPATH: see `shim`.
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from netbasics.playground.offline.block import install, without_proxies
from netbasics.playground.offline.names import Table
from netbasics.playground.offline.patching import Patches

__all__ = ["VARIABLE", "begin", "environment"]

#: Where children find the table.
VARIABLE = "NETBASICS_OFFLINE"
SHIM = str(Path(__file__).with_name("shim"))


def environment(table: Table, before: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a Python process is offline.

    Args:
        table: The names, and their servers in this process.
        before: The environment that it would have otherwise.
    """
    return _offline(before, table.to_json())


def begin() -> None:
    """Make this process offline; the first thing that it does."""
    text = os.environ[VARIABLE]
    install(Table.from_json(text))
    _patch_starting(Patches(), text)


def _offline(before: Mapping[str, str], text: str) -> dict[str, str]:
    """Add what a child needs to an environment."""
    found = dict(before)
    for name, value in without_proxies(before).items():
        if value is None:
            del found[name]
        else:
            found[name] = value
    found[VARIABLE] = text
    theirs = found.get("PYTHONPATH", "")
    if SHIM not in theirs.split(os.pathsep):
        # An empty entry would mean the current directory.
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [SHIM, theirs]))
    return found


def _patch_starting(patches: Patches, text: str) -> None:
    """Hand the environment on, also by who makes an own one for a child."""

    def inside(env: Any) -> Any:
        try:
            before = {
                os.fsdecode(name): os.fsdecode(value)
                for name, value in (os.environ if env is None else env).items()
            }
        except (TypeError, AttributeError):
            return env  # the original says what is wrong with it
        return _offline(before, text)

    def popen(original: Callable[..., Any]) -> Callable[..., Any]:
        place = list(signature(original).parameters).index("env")

        def start(*args: Any, **keywords: Any) -> Any:
            if len(args) > place:
                args = (*args[:place], inside(args[place]), *args[place + 1 :])
            else:
                keywords["env"] = inside(keywords.get("env"))
            return original(*args, **keywords)

        return start

    def spawn(original: Callable[..., Any]) -> Callable[..., Any]:
        def start(path: Any, argv: Any, env: Any, **keywords: Any) -> Any:
            return original(path, argv, inside(env), **keywords)

        return start

    patches.replace(subprocess.Popen, "__init__", popen)
    for name in ("execve", "posix_spawn", "posix_spawnp"):
        if hasattr(os, name):
            patches.replace(os, name, spawn)
