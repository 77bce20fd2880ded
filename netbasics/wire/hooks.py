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
from typing import Any, NamedTuple

from netbasics.wire.witness import Witness
from netbasics.wire.writing import clock

__all__ = ["attach", "detach"]

Method = Callable[..., Any]
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


def _forked() -> None:
    # A child process has its own copy of the record, which nobody sees.
    global _watching
    _watching = ()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _install() -> None:
    """Replace the methods that are not replaced yet; those of TLS, too."""
    for name, make in PLAIN.items():
        _replace(socket.socket, name, make)
    # Its sockets read and write past the methods below them. A program that
    # has not imported `ssl` has none, and need not pay for it.
    tls = getattr(sys.modules.get("ssl"), "SSLSocket", None)
    if tls is not None:
        for name, make in TLS.items():
            _replace(tls, name, make)


def _replace(owner: type, name: str, make: Callable[[Method], Method]) -> None:
    done = any(o is owner and n == name for o, n, *_ in _replaced)
    original = getattr(owner, name, None)
    if done or original is None:  # such as sendmsg on Windows
        return
    ours = functools.wraps(original)(make(original))
    before = vars(owner).get(name, MISSING)
    setattr(owner, name, ours)
    _replaced.append((owner, name, ours, before))


def _tell(note: Callable[..., Any], *args: Any) -> None:
    for witness in _watching:
        witness.guard(note, *args)


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


def _flags(args: tuple[Any, ...], keywords: dict[str, Any], at: int) -> Any:
    return keywords.get("flags", args[at] if len(args) > at else 0)


def _receiving(
    read: Callable[..., Got], flags_at: int
) -> Callable[[Method], Method]:
    """Make a method that notes what comes.

    Args:
        read: Reads the call's result and arguments.
        flags_at: Which of the arguments are the flags.
    """

    def note(
        witness: Witness, sock: Any, result: Any, args: Any, keywords: Any
    ) -> None:
        witness.received(sock, *read(result, *args, **keywords))

    def make(original: Method) -> Method:
        name = _name(original)

        def method(sock: Any, /, *args: Any, **keywords: Any) -> Any:
            args = _repeatable(name, args)
            try:
                result = original(sock, *args, **keywords)
            except OSError as error:
                _tell(Witness.failed, sock, error, name)
                raise
            # What is only looked at stays where it is, and comes again.
            if not _flags(args, keywords, flags_at) & socket.MSG_PEEK:
                _tell(note, sock, result, args, keywords)
            return result

        return method

    return make


def _sending(
    read: Callable[..., bytes], address_at: int | None = None
) -> Callable[[Method], Method]:
    """Make a method that notes what goes.

    Args:
        read: Reads the call's result and first argument.
        address_at: Which of the arguments is the address.
    """

    def note(
        witness: Witness, sock: Any, result: Any, began: float, *args: Any
    ) -> None:
        data, address = args
        witness.sent(sock, read(result, data), began, address)

    def make(original: Method) -> Method:
        name = _name(original)

        def method(sock: Any, /, *args: Any, **keywords: Any) -> Any:
            args = _repeatable(name, args)
            address = None
            if address_at is not None and len(args) > abs(address_at):
                address = args[address_at]
            began = clock()
            _tell(Witness.about_to_send, sock, address)
            try:
                result = original(sock, *args, **keywords)
            except OSError as error:
                _tell(Witness.failed, sock, error, name)
                raise
            if args:
                _tell(note, sock, result, began, args[0], address)
            return result

        return method

    return make


def _name(method: Method) -> str:
    return getattr(method, "__name__", "a call")


def _repeatable(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep what can be gone through only once, to look at it as well."""
    several = name in ("sendmsg", "recvmsg_into")
    if several and args and hasattr(args[0], "__next__"):
        return (list(args[0]), *args[1:])
    return args


def _all(result: Any, data: Any) -> bytes:
    return _bytes(data)


def _part(result: int, data: Any) -> bytes:
    return _bytes(data, result)


def _parts(result: int, buffers: Any) -> bytes:
    return _joined(buffers, result)


def _connect(original: Method) -> Method:
    def connect(sock: Any, /, *address: Any, **keywords: Any) -> Any:
        began = clock()
        try:
            result = original(sock, *address, **keywords)
        except OSError as error:
            _tell(Witness.connecting, sock, *address, began, error)
            raise
        _tell(Witness.connecting, sock, *address, began, None)
        return result

    return connect


def _connect_ex(original: Method) -> Method:
    def connect_ex(sock: Any, /, *address: Any, **keywords: Any) -> Any:
        began = clock()
        number = original(sock, *address, **keywords)
        error = OSError(number, os.strerror(number)) if number else None
        _tell(Witness.connecting, sock, *address, began, error)
        return number

    return connect_ex


def _getsockopt(original: Method) -> Method:
    def getsockopt(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        # So asyncio asks how a connect went.
        if args == (socket.SOL_SOCKET, socket.SO_ERROR):
            _tell(Witness.asked_for_error, sock, result)
        return result

    return getsockopt


def _shutdown(original: Method) -> Method:
    def shutdown(sock: Any, /, *how: Any, **keywords: Any) -> Any:
        result = original(sock, *how, **keywords)
        _tell(Witness.shut, sock, *how, *keywords.values())
        return result

    return shutdown


def _close(original: Method) -> Method:
    def close(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        endings = [(w, w.guard(Witness.before_close, sock)) for w in _watching]
        try:
            return original(sock, *args, **keywords)
        finally:
            for witness, ending in endings:
                witness.guard(Witness.closed, sock, ending)

    return close


def _detach(original: Method) -> Method:
    def detach(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        _tell(Witness.left, sock)
        if _watching:
            with _switching:
                # TLS is about to take over, maybe imported just now.
                if _watching:
                    _install()
        return result

    return detach


def _dup(original: Method) -> Method:
    def dup(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        _tell(Witness.duplicated, sock, result)
        return result

    return dup


def _do_handshake(original: Method) -> Method:
    def do_handshake(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        try:
            result = original(sock, *args, **keywords)
        except OSError as error:
            _tell(Witness.failed, sock, error, "The TLS handshake")
            raise
        _tell(Witness.secured, sock)
        return result

    return do_handshake


def _in_tls(
    make: Callable[[Method], Method],
) -> Callable[[Method], Method]:
    """Note nothing where a TLS socket only hands on to the plain one."""

    def both(original: Method) -> Method:
        noting = make(original)

        def method(sock: Any, /, *args: Any, **keywords: Any) -> Any:
            inside = getattr(sock, "_sslobj", None) is not None
            return (noting if inside else original)(sock, *args, **keywords)

        return method

    return both


PLAIN: dict[str, Callable[[Method], Method]] = {
    "connect": _connect,
    "connect_ex": _connect_ex,
    "send": _sending(_part),
    "sendall": _sending(_all),
    "sendto": _sending(_part, address_at=-1),
    "sendmsg": _sending(_parts, address_at=3),
    "recv": _receiving(_of_recv, 1),
    "recv_into": _receiving(_of_recv_into, 2),
    "recvfrom": _receiving(_of_recvfrom, 1),
    "recvfrom_into": _receiving(_of_recvfrom_into, 2),
    "recvmsg": _receiving(_of_recvmsg, 2),
    "recvmsg_into": _receiving(_of_recvmsg_into, 2),
    "getsockopt": _getsockopt,
    "shutdown": _shutdown,
    "close": _close,
    "detach": _detach,
    "dup": _dup,
}
TLS: dict[str, Callable[[Method], Method]] = {
    "do_handshake": _do_handshake,
    # `sendall` calls `send`; `recv` and `recv_into` call `read`.
    "send": _in_tls(_sending(_part)),
    "write": _in_tls(_sending(_part)),
    "read": _in_tls(_receiving(_of_read, 9)),
}
