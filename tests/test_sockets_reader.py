"""The reader: every cut, every end, every timeout; then real sockets."""

import gc
import itertools
import socket
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbasics import certs, sockets
from netbasics.deadlines import Deadline
from netbasics.errors import (
    ConnectionClosed,
    DeadlineExceeded,
    FrameTooLarge,
    LimitExceeded,
)
from netbasics.sockets import Reader


class Pieces:
    """A peer that sends these pieces; None stands for a timeout."""

    def __init__(self, pieces) -> None:
        self.pieces = iter(pieces)
        self.after_the_end = 0

    def recv(self, size: int) -> bytes:
        piece = next(self.pieces, b"")
        if piece is None:
            raise TimeoutError("timed out")
        assert len(piece) <= size
        self.after_the_end += not piece
        return piece


def one_at_a_time(data: bytes) -> Pieces:
    return Pieces(data[i : i + 1] for i in range(len(data)))


def reader_of(*pieces: bytes | None) -> Reader:
    return Reader(Pieces(pieces))


# what each method does


def test_until_keeps_the_separator():
    reader = Reader(one_at_a_time(b"a=1&&b=2&&c"))
    assert reader.until(b"&&") == b"a=1&&"
    assert reader.until(b"&&") == b"b=2&&"
    assert reader.leftover == b""
    with pytest.raises(ConnectionClosed, match=r"after 1 bytes of a message"):
        reader.until(b"&&")
    assert reader.leftover == b"c"


def test_a_separator_cut_in_two_is_found():
    for cut in range(1, 9):
        data = b"ab\r\n\r\ncd"
        reader = reader_of(data[:cut], data[cut:])
        assert reader.until(b"\r\n\r\n") == b"ab\r\n\r\n"
        assert reader.rest() == b"cd"


def test_a_separator_that_almost_came_is_no_separator():
    reader = Reader(one_at_a_time(b"\r\n\r\r\n\r\nx"))
    assert reader.until(b"\r\n\r\n") == b"\r\n\r\r\n\r\n"


def test_line_strips_one_line_end():
    reader = Reader(one_at_a_time(b"unix\ndos\r\n\r\n\nold\rmac\r\r\nlast\n"))
    assert list(reader) == [
        b"unix",
        b"dos",
        b"",
        b"",
        b"old\rmac\r",
        b"last",
    ]


def test_frames_of_any_size():
    words = [b"", b"a", b"hello", bytes(5000)]
    wire = b"".join(len(word).to_bytes(4, "big") + word for word in words)
    reader = Reader(one_at_a_time(wire))
    assert [reader.frame() for _ in words] == words
    assert reader.frame() is None


def test_exactly_and_read():
    reader = reader_of(b"abc", b"defgh")
    assert reader.exactly(0) == b""
    assert reader.exactly(5) == b"abcde"
    assert reader.read(2) == b"fg"
    assert reader.read() == b"h"
    assert reader.read() == b""
    with pytest.raises(ValueError, match="-1 bytes"):
        reader.exactly(-1)
    with pytest.raises(ValueError, match="1 or more"):
        reader.read(0)
    with pytest.raises(ValueError, match="separator is empty"):
        reader.until(b"")


def test_rest_is_everything_to_the_end():
    reader = reader_of(b"head\nbo", b"dy")
    assert reader.line() == b"head"
    assert reader.rest() == b"body"
    assert reader.rest() == b""


def test_everything_returned_is_bytes():
    reader = reader_of(b"a\n", b"\0\0\0\x01bxcdefg", b"hi")
    values = [reader.line(), reader.frame(), reader.until(b"x")]
    values += [reader.exactly(2), reader.read(1), reader.leftover]
    values += [reader.rest()]
    assert {type(value) for value in values} == {bytes}


@pytest.mark.parametrize("kind", ["recv", "recv_into"])
def test_anything_with_recv_or_recv_into_will_do(kind):
    pieces = Pieces([b"one\n", b"two\n"])

    def recv_into(buffer):
        piece = pieces.recv(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    methods = {"recv": pieces.recv, "recv_into": recv_into}
    fake = type("Fake", (), {kind: staticmethod(methods[kind])})()
    assert list(Reader(fake)) == [b"one", b"two"]


# ends


@pytest.mark.parametrize("call", ["until", "line", "frame"])
def test_an_end_between_messages_is_none(call):
    peer = Pieces([])
    method = getattr(Reader(peer), call)
    args = (b"|",) if call == "until" else ()
    assert method(*args) is None
    assert method(*args) is None
    assert peer.after_the_end == 1  # nobody asks a peer that has ended


def test_an_end_between_records_has_got_nothing():
    reader = reader_of(b"record")
    assert reader.exactly(6) == b"record"
    with pytest.raises(ConnectionClosed) as caught:
        reader.exactly(6)
    assert (caught.value.got, caught.value.wanted) == (0, 6)


@pytest.mark.parametrize(
    ("call", "came", "got", "wanted"),
    [
        (lambda reader: reader.exactly(10), b"abc", 3, 10),
        (lambda reader: reader.until(b"|"), b"abc", 3, None),
        (lambda reader: reader.line(), b"abc\r", 4, None),
        (lambda reader: reader.frame(), b"\0\0\0", 3, 4),
        (lambda reader: reader.frame(), b"\0\0\0\x05", 0, 5),
        (lambda reader: reader.frame(), b"\0\0\0\x05ab", 2, 5),
    ],
)
def test_an_end_inside_a_message_is_an_error(call, came, got, wanted):
    reader = Reader(one_at_a_time(came))
    for _ in range(2):  # it stays one, and nothing is lost
        with pytest.raises(ConnectionClosed) as caught:
            call(reader)
        assert (caught.value.got, caught.value.wanted) == (got, wanted)
        assert reader.leftover == came
        assert not reader.at_eof
    assert reader.rest() == came
    assert reader.at_eof


def test_at_eof_knows_what_was_seen():
    reader = reader_of(b"a\n")
    assert not reader.at_eof
    assert reader.line() == b"a"
    assert not reader.at_eof
    assert reader.line() is None
    assert reader.at_eof


# limits


def test_limits_are_inclusive_and_do_not_count_what_ends_a_message():
    assert Reader(one_at_a_time(b"12345\n")).line(limit=5) == b"12345"
    assert Reader(one_at_a_time(b"12345\r\n")).line(limit=5) == b"12345"
    assert Reader(one_at_a_time(b"12345||")).until(b"||", limit=5)
    assert Reader(one_at_a_time(b"\0\0\0\x05hello")).frame(limit=5)
    assert Reader(one_at_a_time(b"12345")).rest(limit=5) == b"12345"


@pytest.mark.parametrize("pieces", ["whole", "bytes"])
@pytest.mark.parametrize(
    ("call", "came"),
    [
        (lambda reader: reader.line(limit=5), b"123456\n"),
        (lambda reader: reader.line(limit=5), b"12345\rx\n"),
        (lambda reader: reader.line(limit=0), b"1\n"),
        (lambda reader: reader.until(b"||", limit=5), b"123456||"),
        (lambda reader: reader.frame(limit=5), b"\0\0\0\x06hello!"),
        (lambda reader: reader.rest(limit=5), b"123456"),
    ],
)
def test_more_than_the_limit_is_refused_and_nothing_taken(call, came, pieces):
    reader = (
        reader_of(came) if pieces == "whole" else Reader(one_at_a_time(came))
    )
    for _ in range(2):
        with pytest.raises(LimitExceeded) as caught:
            call(reader)
        assert caught.value.limit < 6
    assert reader.rest() == came


@pytest.mark.parametrize(
    ("call", "came"),
    [
        (lambda reader: reader.line(limit=5), b"123456"),
        (lambda reader: reader.line(limit=5), b"12345\rx"),
        (lambda reader: reader.until(b"||", limit=5), b"1234567"),
        (lambda reader: reader.frame(limit=5), b"\0\0\0\x06"),
        (lambda reader: reader.rest(limit=5), b"123456"),
    ],
)
def test_the_limit_is_noticed_as_soon_as_it_is_certain(call, came):
    never = itertools.chain(
        (came[i : i + 1] for i in range(len(came))), itertools.repeat(None)
    )
    with pytest.raises(LimitExceeded):
        call(Reader(Pieces(never)))


def test_an_endless_line_costs_no_more_than_its_limit():
    reader = Reader(Pieces(itertools.repeat(b"x" * 1000)))
    with pytest.raises(LimitExceeded, match=r"a line .* limit of 65536 bytes"):
        reader.line()
    assert reader.received < 65536 + 2000


def test_a_frame_that_is_too_large_has_both_numbers():
    with pytest.raises(FrameTooLarge) as caught:
        Reader(one_at_a_time(b"\xff\xff\xff\xff")).frame(limit=10)
    assert (caught.value.size, caught.value.limit) == (2**32 - 1, 10)


# timeouts


def test_a_timeout_loses_nothing():
    wire = b"line\r\n|until||\0\0\0\x03abcEND"
    pieces = [
        piece for i in range(len(wire)) for piece in (None, wire[i : i + 1])
    ]
    reader = reader_of(*pieces)
    calls = [
        reader.line,
        lambda: reader.until(b"||"),
        reader.frame,
        lambda: reader.exactly(3),
    ]
    values, timeouts = [], 0
    for call in calls:
        while True:
            try:
                values.append(call())
                break
            except TimeoutError:
                timeouts += 1
    assert values == [b"line", b"|until||", b"abc", b"END"]
    assert timeouts == len(wire)


def test_a_timeout_says_what_is_kept(pair):
    ours, theirs = pair
    ours.settimeout(0.05)
    theirs.sendall(b"half a li")
    reader = Reader(ours)
    with pytest.raises(
        TimeoutError, match=r"0\.05 s while reading a line; 9 bytes"
    ) as caught:
        reader.line()
    assert not isinstance(caught.value, DeadlineExceeded)
    theirs.sendall(b"ne\n")
    assert reader.line() == b"half a line"


def test_a_reader_on_a_socket_that_does_not_block(pair):
    ours, theirs = pair
    ours.setblocking(False)
    reader = Reader(ours, deadline=60)
    with pytest.raises(BlockingIOError):
        reader.line()
    theirs.sendall(b"now\n")
    ours.settimeout(5)
    assert reader.line() == b"now"


def test_the_deadline_ends_a_dripping_peer(pair):
    ours, theirs = pair
    enough = threading.Event()

    def drip():
        while not enough.wait(0.02):
            theirs.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        start = time.monotonic()
        reader = Reader(ours, deadline=0.2)
        with pytest.raises(DeadlineExceeded, match="while reading a line"):
            reader.line()
        assert time.monotonic() - start < 0.7
        assert ours.gettimeout() == 5
        assert reader.leftover == b"x" * reader.received
    finally:
        enough.set()
        thread.join()


def test_one_deadline_for_many_waits_and_a_new_one_for_the_next(pair):
    ours, theirs = pair
    shared = Deadline(0.05)
    reader = Reader(ours, deadline=shared)
    theirs.sendall(b"one\n")
    assert reader.line() == b"one"
    with pytest.raises(DeadlineExceeded):
        reader.line()
    assert reader.deadline is shared
    reader.deadline = 5.0
    theirs.sendall(b"two\n")
    assert reader.line() == b"two"


def test_what_is_here_is_handed_out_after_the_deadline():
    now = [0.0]
    peer = Pieces([b"one\ntwo\nthr"])
    reader = Reader(peer, deadline=Deadline(5, clock=lambda: now[0]))
    assert reader.line() == b"one"
    now[0] = 6.0
    assert reader.line() == b"two"
    with pytest.raises(DeadlineExceeded):
        reader.line()
    assert reader.leftover == b"thr"


def test_a_reset_loses_nothing_either():
    class Reset:
        def __init__(self):
            self.pieces = [b"a\nb"]

        def recv(self, size):
            if self.pieces:
                return self.pieces.pop()
            raise ConnectionResetError(104, "Connection reset by peer")

    reader = Reader(Reset())
    assert reader.line() == b"a"
    with pytest.raises(ConnectionResetError):
        reader.line()
    assert reader.leftover == b"b"


# any order of calls, any cuts, any timeouts


class Model:
    """What the reader should do, in the plainest way."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def take(self, count: int) -> bytes:
        data, self.left = self.left[:count], self.left[count:]
        return data

    def exactly(self, count):
        if len(self.left) < count:
            return ("closed", len(self.left), count)
        return self.take(count)

    def until(self, separator, limit):
        at = self.left.find(separator)
        if at > limit or (at < 0 and len(self.left) >= limit + len(separator)):
            return "limit"
        if at < 0:
            return ("closed", len(self.left), None) if self.left else None
        return self.take(at + len(separator))

    def line(self, limit):
        line, end, _ = self.left.partition(b"\n")
        size = len(line) - line.endswith(b"\r")
        if size > limit:
            return "limit"
        if not end:
            return ("closed", len(self.left), None) if self.left else None
        return self.take(len(line) + 1)[:size]

    def frame(self, limit):
        size = int.from_bytes(self.left[:4], "big")
        if len(self.left) < 4:
            return ("closed", len(self.left), 4) if self.left else None
        if size > limit:
            return "limit"
        if len(self.left) < 4 + size:
            return ("closed", len(self.left) - 4, size)
        return self.take(4 + size)[4:]


wires = st.lists(
    st.sampled_from(
        [b"\n", b"\r\n", b"\r", b"|", b"||", b"ab", b"\0\0\0\x02", b"\0\0\0"]
    )
    | st.binary(max_size=3),
    max_size=40,
).map(b"".join)
calls = st.one_of(
    st.tuples(st.just("exactly"), st.integers(0, 12)),
    st.tuples(
        st.just("until"),
        st.sampled_from([b"|", b"||", b"\n", b"\r\n", b"ab|"]),
        st.integers(0, 30),
    ),
    st.tuples(st.just("line"), st.integers(0, 30)),
    st.tuples(st.just("frame"), st.integers(0, 30)),
)


def outcome(reader: Reader, name: str, args: tuple) -> object:
    while True:
        try:
            return getattr(reader, name)(*args)
        except TimeoutError:
            continue
        except ConnectionClosed as error:
            return ("closed", error.got, error.wanted)
        except LimitExceeded:
            return "limit"


@settings(max_examples=400, deadline=None)
@given(data=st.data(), wire=wires, steps=st.lists(calls, max_size=40))
def test_any_calls_in_any_order_on_any_pieces(data, wire, steps):
    cuts = sorted(
        data.draw(st.lists(st.integers(0, len(wire)), max_size=len(wire)))
    )
    edges = [0, *cuts, len(wire)]
    pieces = [
        None if begin == end else wire[begin:end]
        for begin, end in itertools.pairwise(edges)
    ]
    reader, model = Reader(Pieces(pieces)), Model(wire)
    for name, *args in steps:
        assert outcome(reader, name, args) == getattr(model, name)(*args)
        assert model.left.startswith(reader.leftover)
        assert repr(reader)
    while True:
        try:
            assert reader.rest() == model.left
            break
        except TimeoutError:
            continue


# what it costs


def seconds(pieces: list[bytes]) -> float:
    best = float("inf")
    for _ in range(3):
        reader = Reader(Pieces(pieces))
        gc.collect()
        start = time.process_time()
        assert len(reader.until(b"\r\n", limit=2**30)) == sum(map(len, pieces))
        best = min(best, time.process_time() - start)
    return best


def test_ten_times_longer_takes_about_ten_times_as_long():
    # One byte at a time is the worst case. A reader that searches or copies
    # its whole buffer for each piece would need a hundred times as long.
    short = seconds([b"x"] * 20_000 + [b"\r\n"])
    long = seconds([b"x"] * 200_000 + [b"\r\n"])
    assert long < 30 * short


def test_a_buffer_is_not_searched_twice_even_if_asked_again():
    # Each byte is followed by a timeout and a new call.
    def asked_again(size: int) -> float:
        pieces = [p for _ in range(size) for p in (b"x", None)] + [b"\n"]
        reader = Reader(Pieces(pieces))
        start = time.process_time()
        while True:
            try:
                assert len(reader.line(limit=2**30)) == size
                return time.process_time() - start
            except TimeoutError:
                continue

    short = min(asked_again(5_000) for _ in range(3))
    assert asked_again(50_000) < 30 * short


def test_lines_and_bytes_in_turn_do_not_cost_the_whole_buffer_each_time():
    def in_turn(size: int) -> float:
        reader = reader_of(*[b"a\nb" * 20_000] * size)
        start = time.process_time()
        for _ in range(20_000 * size):
            assert reader.line() == b"a"
            assert reader.exactly(1) == b"b"
        return time.process_time() - start

    # 20,000 turns in one buffer: cutting all of its lines in each turn would
    # take minutes and not parts of a second.
    assert in_turn(1) < 5


# on real sockets


def test_many_messages_of_all_kinds_over_a_connection(pair):
    ours, theirs = pair

    def talk():
        for number in range(500):
            theirs.sendall(b"line %d\r\n" % number)
            sockets.send_frame(theirs, b"x" * number)
            theirs.sendall(b"%d;" % number)
        theirs.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=talk)
    thread.start()
    reader = Reader(ours, deadline=30)
    for number in range(500):
        assert reader.line() == b"line %d" % number
        assert reader.frame() == b"x" * number
        assert reader.until(b";") == b"%d;" % number
    assert reader.line() is None
    thread.join()


def test_messages_over_tls(pair):
    authority = certs.Authority()
    ours, theirs = pair
    sent = b"x" * 50_000

    def talk():
        context = authority.issue("localhost").server_context()
        with context.wrap_socket(theirs, server_side=True) as sock:
            sock.sendall(b"line\r\n")
            sockets.send_frame(sock, sent)
            sock.recv(1)

    thread = threading.Thread(target=talk)
    thread.start()
    context = authority.client_context()
    with context.wrap_socket(ours, server_hostname="localhost") as sock:
        reader = Reader(sock, deadline=20)
        assert reader.line() == b"line"
        assert reader.frame() == sent
        reader.deadline = 0.05
        with pytest.raises(DeadlineExceeded):
            reader.line()
        assert sock.gettimeout() == 5
        sock.sendall(b"!")
    thread.join()


def test_leftover_is_what_the_next_protocol_begins_with(pair):
    ours, theirs = pair
    theirs.sendall(b"CONNECT done\r\n\r\nearly bytes")
    reader = Reader(ours)
    assert reader.until(b"\r\n\r\n") == b"CONNECT done\r\n\r\n"
    assert reader.leftover == b"early bytes"


def test_the_repr_shows_what_came_and_what_is_unread():
    reader = reader_of(b"one\ntwo\nthree\nfour")
    assert repr(reader).startswith("<Reader: 0 bytes received, 0 unread, ")
    assert reader.line() == b"one"
    assert reader.line() == b"two"
    assert repr(reader) == (
        "<Reader: 18 bytes received, 10 unread, <Deadline: none>>"
    )
    with pytest.raises(ConnectionClosed):
        list(reader)
    assert "4 unread, the peer has ended" in repr(reader)
