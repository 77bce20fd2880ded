"""The methods that stand in for those of sockets while somebody watches.

Each calls the one that it stands for, with what it was given, tells the
witnesses how that went, and hands on what came of it: the result or the error.
"""

import os
import socket
from collections.abc import Callable
from typing import Any

from netbasics.wire import hooks
from netbasics.wire.calls import GOT, SENT, is_look, repeatable
from netbasics.wire.witness import Witness
from netbasics.wire.writing import clock

__all__ = ["PLAIN", "TLS"]

Method = Callable[..., Any]


def _receiving(name: str) -> Callable[[Method], Method]:
    """Make a method that notes what comes."""
    read = GOT[name]

    def note(
        witness: Witness, sock: Any, result: Any, args: Any, keywords: Any
    ) -> None:
        witness.received(sock, *read(result, *args, **keywords))

    def make(original: Method) -> Method:
        def method(sock: Any, /, *args: Any, **keywords: Any) -> Any:
            args = repeatable(name, args)
            try:
                result = original(sock, *args, **keywords)
            except OSError as error:
                hooks.tell(Witness.failed, sock, error, name)
                raise
            if not is_look(name, args, keywords):
                hooks.tell(note, sock, result, args, keywords)
            return result

        return method

    return make


def _sending(
    name: str, *, address_at: int | None = None
) -> Callable[[Method], Method]:
    """Make a method that notes what goes.

    Args:
        name: Which one.
        address_at: Which of the arguments is the address.
    """
    read = SENT[name]

    def note(
        witness: Witness, sock: Any, result: Any, began: float, *args: Any
    ) -> None:
        data, address = args
        witness.sent(sock, read(result, data), began, address)

    def make(original: Method) -> Method:
        def method(sock: Any, /, *args: Any, **keywords: Any) -> Any:
            args = repeatable(name, args)
            address = None
            if address_at is not None and len(args) > abs(address_at):
                address = args[address_at]
            began = clock()
            hooks.tell(Witness.about_to_send, sock, address)
            try:
                result = original(sock, *args, **keywords)
            except OSError as error:
                hooks.tell(Witness.failed, sock, error, name)
                raise
            if args:
                hooks.tell(note, sock, result, began, args[0], address)
            return result

        return method

    return make


def _connect(original: Method) -> Method:
    def connect(sock: Any, /, *address: Any, **keywords: Any) -> Any:
        began = clock()
        try:
            result = original(sock, *address, **keywords)
        except OSError as error:
            hooks.tell(Witness.connecting, sock, *address, began, error)
            raise
        hooks.tell(Witness.connecting, sock, *address, began, None)
        return result

    return connect


def _connect_ex(original: Method) -> Method:
    def connect_ex(sock: Any, /, *address: Any, **keywords: Any) -> Any:
        began = clock()
        number = original(sock, *address, **keywords)
        error = OSError(number, os.strerror(number)) if number else None
        hooks.tell(Witness.connecting, sock, *address, began, error)
        return number

    return connect_ex


def _getsockopt(original: Method) -> Method:
    def getsockopt(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        # So asyncio asks how a connect went.
        if args == (socket.SOL_SOCKET, socket.SO_ERROR):
            hooks.tell(Witness.asked_for_error, sock, result)
        return result

    return getsockopt


def _shutdown(original: Method) -> Method:
    def shutdown(sock: Any, /, *how: Any, **keywords: Any) -> Any:
        result = original(sock, *how, **keywords)
        hooks.tell(Witness.shut, sock, *how, *keywords.values())
        return result

    return shutdown


def _close(original: Method) -> Method:
    def close(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        endings = [
            (witness, witness.guard(Witness.before_close, sock))
            for witness in hooks.watching()
        ]
        try:
            return original(sock, *args, **keywords)
        finally:
            for witness, ending in endings:
                witness.guard(Witness.closed, sock, ending)

    return close


def _detach(original: Method) -> Method:
    def detach(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        hooks.tell(Witness.left, sock)
        # TLS is about to take over, maybe imported just now.
        hooks.complete()
        return result

    return detach


def _dup(original: Method) -> Method:
    def dup(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        result = original(sock, *args, **keywords)
        hooks.tell(Witness.duplicated, sock, result)
        return result

    return dup


def _do_handshake(original: Method) -> Method:
    def do_handshake(sock: Any, /, *args: Any, **keywords: Any) -> Any:
        try:
            result = original(sock, *args, **keywords)
        except OSError as error:
            hooks.tell(Witness.failed, sock, error, "The TLS handshake")
            raise
        hooks.tell(Witness.secured, sock)
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


PLAIN: dict[str, hooks.Make] = {
    "connect": _connect,
    "connect_ex": _connect_ex,
    "send": _sending("send"),
    "sendall": _sending("sendall"),
    "sendto": _sending("sendto", address_at=-1),
    "sendmsg": _sending("sendmsg", address_at=3),
    "recv": _receiving("recv"),
    "recv_into": _receiving("recv_into"),
    "recvfrom": _receiving("recvfrom"),
    "recvfrom_into": _receiving("recvfrom_into"),
    "recvmsg": _receiving("recvmsg"),
    "recvmsg_into": _receiving("recvmsg_into"),
    "getsockopt": _getsockopt,
    "shutdown": _shutdown,
    "close": _close,
    "detach": _detach,
    "dup": _dup,
}
TLS: dict[str, hooks.Make] = {
    "do_handshake": _do_handshake,
    # `sendall` calls `send`; `recv` and `recv_into` call `read`.
    "send": _in_tls(_sending("send")),
    "write": _in_tls(_sending("write")),
    "read": _in_tls(_receiving("read")),
}
