"""How this program was called, for the commands that it prints."""

import os
import shlex
import shutil
import sys

__all__ = ["program"]


def program() -> str:
    """Return how to call this program again, as it was called this time.

    A learner who typed `.venv/bin/netbasics` is told to type that again, and
    not a command that the shell does not find.
    """
    called = sys.argv[0]
    if os.path.basename(called) == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m netbasics"
    name = os.path.basename(called).removesuffix(".exe")
    found = shutil.which(name)
    if found and os.path.realpath(found) == os.path.realpath(called):
        return name
    return shlex.quote(called)
