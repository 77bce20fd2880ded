"""Reading from a socket: so many bytes, frames, lines.

One process sends as fast as it can, another reads; a row is about the second.
"""

import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from struct import Struct
from typing import Any

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.processes import started
from netbasics import sockets

MIB = 1 << 20
LENGTH = Struct(">I")
BATCH = 1 << 18
MANY = 1_000_000
Read = Callable[[int], None]
"""Reads so many messages, and sees that they have their length."""


def bare_exactly(sock: socket.socket, size: int) -> Read:
    """One buffer, and each piece to its place."""

    def read(count: int) -> None:
        for _ in range(count):
            buffer = bytearray(size)
            view = memoryview(buffer)
            got = 0
            while got < size:
                got += sock.recv_into(view[got:]) or stop()

    return read


def file_frames(sock: socket.socket, size: int, buffering: int = -1) -> Read:
    """`makefile().read`, twice for each frame."""
    file = sock.makefile("rb", buffering)
    unpack = LENGTH.unpack

    def read(count: int) -> None:
        for _ in range(count):
            (length,) = unpack(file.read(4))
            if len(file.read(length)) != size:
                stop()

    return read


def file_lines(sock: socket.socket, size: int, buffering: int = -1) -> Read:
    """`makefile().readline`."""
    file = sock.makefile("rb", buffering)

    def read(count: int) -> None:
        for _ in range(count):
            if len(file.readline()) != size:
                stop()

    return read


def ours_exactly(sock: socket.socket, size: int) -> Read:
    """`recv_exactly`, which gives bytes."""

    def read(count: int) -> None:
        for _ in range(count):
            sockets.recv_exactly(sock, size)

    return read


def ours_frames(sock: socket.socket, size: int) -> Read:
    """`Reader.frame`."""
    reader = sockets.Reader(sock)

    def read(count: int) -> None:
        for _ in range(count):
            if len(reader.frame()) != size:
                stop()

    return read


def ours_lines(sock: socket.socket, size: int) -> Read:
    """`Reader.line`, which takes the line's end off."""
    reader = sockets.Reader(sock)
    content = size - 1

    def read(count: int) -> None:
        for _ in range(count):
            if len(reader.line()) != content:
                stop()

    return read


def stop() -> int:
    """Raise: the stream has ended, or what came is not what was sent."""
    raise RuntimeError("this is not what was sent")


def sending(message: bytes) -> Iterator[Any]:
    """Send the message as often as a client asks for, in large pieces."""
    batch = max(1, BATCH // len(message))
    block = message * batch

    def serve() -> None:
        while True:
            sock, _ = listener.accept()
            with sock:
                while wish := sock.recv(8, socket.MSG_WAITALL):
                    count = int.from_bytes(wish, "big")
                    for _ in range(count // batch):
                        sock.sendall(block)
                    sock.sendall(message * (count % batch))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()
        yield


def receiving(
    address: tuple[str, int],
    reader: Callable[[socket.socket, int], Read],
    size: int,
) -> Iterator[Any]:
    """Read as often as is asked for; answer the wall and the CPU time."""
    with socket.create_connection(address) as sock:
        sock.settimeout(20.0)
        read = reader(sock, size)
        answer: Any = "ready"
        while True:
            _, count = yield answer
            gc.collect()
            cpu, wall = time.process_time(), time.perf_counter()
            sock.sendall(count.to_bytes(8, "big"))
            read(count)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            answer = wall, cpu


def read_by(
    reader: Callable[[socket.socket, int], Read],
    message: bytes,
    amount: int,
    size: int,
) -> Contender:
    """Return a contender that reads `amount` messages in a turn."""

    @contextmanager
    def contender() -> Iterator[Turn]:
        with (
            started(sending, message) as sender,
            started(receiving, sender.hello, reader, size) as worker,
        ):

            def turn() -> Sample:
                wall, cpu = worker.ask("run", amount)
                return Sample(amount, wall, cpu, {"seconds": wall / amount})

            yield turn

    return contender


def frame_of(size: int) -> bytes:
    """Return a frame with so many bytes of payload."""
    return LENGTH.pack(size) + bytes(n % 251 for n in range(size))


def line_of(size: int) -> bytes:
    """Return a line of so many bytes, its end included."""
    return b"x" * (size - 1) + b"\n"


def exactly() -> Row:
    """Return the row about so many bytes."""
    return Row(
        "read-exactly",
        "receive exactly 1 MiB",
        "MiB",
        {
            "recv_into": read_by(bare_exactly, bytes(MIB), 1000, MIB),
            "netbasics": read_by(ours_exactly, bytes(MIB), 1000, MIB),
        },
        [Figure("rate", 0.95, "at least")],
    )


def frames() -> Row:
    """Return the row about frames."""
    wide = partial(file_frames, buffering=65536)
    return Row(
        "read-frames",
        "read frames of 100 B",
        "frames",
        {
            "makefile().read": read_by(file_frames, frame_of(100), MANY, 100),
            "netbasics": read_by(ours_frames, frame_of(100), MANY, 100),
            "makefile, 64 KiB": read_by(wide, frame_of(100), MANY, 100),
        },
        [Figure("rate", 1.0, "at least")],
    )


TRIED = (
    "Lines are cut from what is there hundreds at a time, and one comparison "
    "tells for all of them that none is over the limit; what is left is the "
    "call of a method in Python, against one in C. Without any limit it would "
    "be 0.88. Larger and smaller pieces, an iterator in place of the list, and "
    "a try in place of the test were each within 3 %."
)


def lines() -> Row:
    """Return the row about lines."""
    wide = partial(file_lines, buffering=65536)
    return Row(
        "read-lines",
        "read lines of 100 B",
        "lines",
        {
            "makefile().readline": read_by(
                file_lines, line_of(100), 2 * MANY, 100
            ),
            "netbasics": read_by(ours_lines, line_of(100), 2 * MANY, 100),
            "makefile, 64 KiB": read_by(wide, line_of(100), 2 * MANY, 100),
        },
        [
            Figure(
                "rate",
                0.9,
                "at least",
                tried=TRIED,
            )
        ],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [exactly(), frames(), lines()]
