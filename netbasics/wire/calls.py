"""Read what a call of a socket's method carried, from its arguments and result.

Each kind of call has its own way: `recv` returns the bytes, `recv_into` fills a
buffer and returns how many, `sendmsg` takes several buffers at once.
"""

import socket
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["GOT", "SENT", "Got", "is_look", "repeatable"]


class Got(NamedTuple):
    """What a call brought.

    Attributes:
        data: The bytes.
        wanted: Whether it asked for any.
        address: Where they came from, if it says so.
    """

    data: bytes
    wanted: bool = True
    address: Any = None


def _bytes(buffer: Any, size: int | None = None) -> bytes:
    """Return the first bytes of what a call was given to send or to fill."""
    if type(buffer) is bytes:
        return buffer if size is None or size >= len(buffer) else buffer[:size]
    with memoryview(buffer) as view:
        if not view.nbytes:
            return b""
        with view.cast("B") as flat:
            return flat[:size].tobytes()


def _joined(buffers: Any, size: int) -> bytes:
    return b"".join(map(_bytes, buffers))[:size]


def _room(buffer: Any) -> int:
    with memoryview(buffer) as view:
        return view.nbytes


# How to read the arguments and the result of each receiving method.
def _of_recv(result: bytes, size: int, flags: int = 0) -> Got:
    return Got(result, size > 0)


def _of_recv_into(
    result: int, buffer: Any, nbytes: int = 0, flags: int = 0
) -> Got:
    return Got(_bytes(buffer, result), bool(nbytes or _room(buffer)))


def _of_recvfrom(result: Any, size: int, flags: int = 0) -> Got:
    return Got(result[0], size > 0, result[1])


def _of_recvfrom_into(
    result: Any, buffer: Any, nbytes: int = 0, flags: int = 0
) -> Got:
    wanted = bool(nbytes or _room(buffer))
    return Got(_bytes(buffer, result[0]), wanted, result[1])


def _of_recvmsg(
    result: Any, size: int, ancillary: int = 0, flags: int = 0
) -> Got:
    return Got(result[0], size > 0, result[3])


def _of_recvmsg_into(
    result: Any, buffers: Any, ancillary: int = 0, flags: int = 0
) -> Got:
    wanted = any(map(_room, buffers))
    return Got(_joined(buffers, result[0]), wanted, result[3])


def _of_read(result: Any, size: int = 1024, buffer: Any = None) -> Got:
    data = result if buffer is None else _bytes(buffer, result)
    return Got(data, size > 0)


def _all(result: Any, data: Any) -> bytes:
    return _bytes(data)


def _parts(result: int, buffers: Any) -> bytes:
    return _joined(buffers, result)


def _part(result: int, data: Any) -> bytes:
    return _bytes(data, result)


#: How to read a call that received: from its result and its arguments.
GOT: dict[str, Callable[..., Got]] = {
    "recv": _of_recv,
    "recv_into": _of_recv_into,
    "recvfrom": _of_recvfrom,
    "recvfrom_into": _of_recvfrom_into,
    "recvmsg": _of_recvmsg,
    "recvmsg_into": _of_recvmsg_into,
    "read": _of_read,
}
#: How to read one that sent: from its result and its first argument.
SENT: dict[str, Callable[[Any, Any], bytes]] = {
    "send": _part,
    "sendall": _all,
    "sendto": _part,
    "sendmsg": _parts,
    "write": _part,
}
# Where the flags stand among the arguments.
FLAGS = {
    "recv": 1,
    "recv_into": 2,
    "recvfrom": 1,
    "recvfrom_into": 2,
    "recvmsg": 2,
    "recvmsg_into": 2,
}


def is_look(name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
    """Whether a call only looks: what it got stays there and comes again."""
    at = FLAGS.get(name)
    if at is None:
        return False
    flags = keywords.get("flags", args[at] if len(args) > at else 0)
    return bool(flags & socket.MSG_PEEK)


def repeatable(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep what can be gone through only once, so that we can look as well."""
    several = name in ("sendmsg", "recvmsg_into")
    if several and args and hasattr(args[0], "__next__"):
        return (list(args[0]), *args[1:])
    return args
