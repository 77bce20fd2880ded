"""What code under a check may touch: loopback, and its scratch folder.

A learner's mistake shall do no harm. This stops accidents, not attackers: code
that means harm would find its way around.
"""

import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

__all__ = ["fence"]

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
NETWORK = {"socket.connect", "socket.sendto", "socket.bind"}
PATHS = {
    "os.chmod": 1,
    "os.chown": 1,
    "os.link": 2,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.truncate": 1,
    "shutil.rmtree": 1,
}
"""Events that change files, and how many of their arguments are paths."""
PROGRAMS = {"os.exec", "os.fork", "os.kill", "os.killpg", "os.system"} | {
    "os.posix_spawn",
    "subprocess.Popen",
}


def fence(folder: Path) -> None:
    """Let this process write below `folder` only, and talk to itself only.

    It cannot be undone.
    """
    inside = os.path.realpath(folder)

    def allowed(path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True  # a file descriptor was opened before
        real = os.path.realpath(os.fsdecode(path))
        return real == os.devnull or f"{real}/".startswith(f"{inside}/")

    def guard(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & WRITING and not allowed(path):
                raise PermissionError(refusal("writes", path))
        elif event in NETWORK:
            _stay_here(args[1])
        elif event == "socket.getaddrinfo":
            _known(args[0])
        elif event in PATHS:
            for path in args[: PATHS[event]]:
                if not allowed(path):
                    raise PermissionError(refusal("changes", path))
        elif event in PROGRAMS:
            raise PermissionError(
                f"a check runs no other program and ends none ({event})"
            )

    def refusal(does: str, path: object) -> str:
        return f"a check {does} files in its scratch folder only, not {path!r}"

    sys.addaudithook(guard)


def _stay_here(address: object) -> None:
    if not isinstance(address, tuple):
        return  # a path, of a Unix socket
    host = address[0]
    if host == "localhost" or _is_loopback(host):
        return
    raise PermissionError(
        f"a check stays on this machine: 127.0.0.1 or ::1, not {host!r}"
    )


def _known(host: object) -> None:
    """Look up no name in a network that a check must not need."""
    name = host.decode("latin-1") if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in ("", "localhost"):
        return
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        if name.replace(".", "").isdecimal():
            return  # an old way to write an address; `connect` is asked too
        raise socket.gaierror(
            socket.EAI_NONAME, "Name or service not known"
        ) from None


def _is_loopback(host: object) -> bool:
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False
