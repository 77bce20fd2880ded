"""What code under a check may touch: loopback, and its scratch folder.

A learner's mistake shall do no harm. This stops accidents, not attackers: code
that means harm would find its way around.
"""

import errno
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

__all__ = ["bound", "fence"]

MOST_MEMORY = 2 << 30  # bytes of address space
LARGEST_FILE = 256 << 20  # bytes

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
NETWORK = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
LOOKING_UP = {"socket.getaddrinfo", "socket.gethostbyname"} | {
    "socket.gethostbyaddr",
}
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
    "sqlite3.connect": 1,
}
"""Events that change files, and how many of their arguments are paths."""
PROGRAMS = {"os.exec", "os.fork", "os.kill", "os.killpg", "os.system"} | {
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "subprocess.Popen",
}


def bound() -> None:
    """Limit what this process may take of the machine, where that is known.

    A list that grows in an endless loop is a MemoryError, and the learner's
    machine stays usable. A crash leaves no core file.
    """
    if resource is None:
        return
    limits = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        _, hard = resource.getrlimit(limit)
        if hard == resource.RLIM_INFINITY or most <= hard:
            resource.setrlimit(limit, (most, hard))


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
                raise refused(refusal("writes", path))
        elif event in NETWORK:
            _stay_here(args[1])
        elif event in LOOKING_UP:
            _known(args[0])
        elif event == "os.symlink" and not allowed(args[1]):
            raise refused(refusal("makes", args[1]))
        elif event in PATHS:
            for path in args[: PATHS[event]]:
                if not allowed(path):
                    raise refused(refusal("changes", path))
        elif event in PROGRAMS:
            raise refused(
                f"a check runs no other program and ends none ({event})"
            )

    def refusal(does: str, path: object) -> str:
        return f"a check {does} files in its scratch folder only, not {path!r}"

    sys.addaudithook(guard)


def refused(why: str) -> PermissionError:
    """Return an error like the system's own: some code asks for its number."""
    return PermissionError(errno.EACCES, why)


def _stay_here(address: object) -> None:
    if not isinstance(address, tuple):
        return  # a path, of a Unix socket
    host = address[0]
    if host == "localhost" or _is_loopback(host):
        return
    raise refused(
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
        address = ipaddress.ip_address(str(host).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address).is_loopback
    except ValueError:
        return False
