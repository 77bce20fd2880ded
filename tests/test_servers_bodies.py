import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.servers.bodies import SKIPPED, SizedBody, unchunk


class Dribble(io.RawIOBase):
    """A connection that gives one byte at a time."""

    def __init__(self, data):
        self.rest = data

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.rest:
            return 0
        buffer[0] = self.rest[0]
        self.rest = self.rest[1:]
        return 1


def source(data):
    return io.BufferedReader(Dribble(data))


def decode(data, limit=1000):
    with unchunk(source(data), limit=limit) as body:
        return body.read()


def test_a_sized_body_ends_where_it_says():
    connection = source(b"hello" + b"GET / HTTP/1.1")
    body = io.BufferedReader(SizedBody(connection, 5))
    assert body.read() == b"hello"
    assert body.read() == b""
    assert connection.read(3) == b"GET"


def test_a_sized_body_by_lines_and_pieces():
    body = io.BufferedReader(SizedBody(source(b"one\ntwo\nthree"), 13))
    assert body.readline() == b"one\n"
    assert body.read(2) == b"tw"
    assert list(body) == [b"o\n", b"three"]


def test_a_sized_body_that_breaks_off():
    body = io.BufferedReader(SizedBody(source(b"hel"), 5))
    with pytest.raises(ConnectionAbortedError, match="3 of 5 bytes"):
        body.read()


def test_what_is_left_of_a_body_is_skipped_if_it_is_little():
    connection = source(b"hello" + b"GET")
    body = SizedBody(connection, 5)
    assert body.skip()
    assert connection.read(3) == b"GET"
    assert not SizedBody(source(b"x"), SKIPPED + 1).skip()
    assert not SizedBody(source(b"x"), 2).skip()


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8))
def test_chunks_round_trip(pieces):
    data = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces)
    connection = source(data + b"0\r\n\r\n" + b"GET")
    with unchunk(connection, limit=1000) as body:
        assert body.read() == b"".join(pieces)
    assert connection.read(3) == b"GET"


def test_extensions_and_trailers_are_read_over():
    assert decode(b"5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n") == b"hello"
    assert decode(b"A\r\n0123456789\r\n0\r\n\r\n") == b"0123456789"


@pytest.mark.parametrize(
    "size", [b"", b"-1", b"+5", b"0x5", b"5_0", b"five", b"1" * 17, b"\xb2"]
)
def test_what_is_no_length_of_a_chunk(size):
    with pytest.raises(ProtocolError, match="no length of a chunk"):
        decode(size + b"\r\nhello\r\n0\r\n\r\n")


def test_a_chunk_longer_than_it_says():
    with pytest.raises(ProtocolError, match="longer than it says"):
        decode(b"3\r\nhello\r\n0\r\n\r\n")


@pytest.mark.parametrize("cut", [0, 1, 3, 6, 8, 11, 13])
def test_chunks_that_break_off(cut):
    with pytest.raises(ConnectionClosed):
        decode(b"5\r\nhello\r\n0\r\n\r\n"[:cut])


def test_more_than_the_limit_is_not_read():
    assert decode(b"5\r\nhello\r\n0\r\n\r\n", limit=5) == b"hello"
    # Ten terabytes are announced; not one byte of them is waited for.
    with pytest.raises(LimitExceeded, match="limit of 100 bytes"):
        decode(b"9184e72a000\r\n", limit=100)
    with pytest.raises(LimitExceeded):
        decode(b"4\r\nabcd\r\n2\r\n", limit=5)


def test_endless_lines_and_trailers_are_refused():
    with pytest.raises(ProtocolError, match="too long"):
        decode(b"5;" + b"x" * 10_000)
    with pytest.raises(ProtocolError, match="trailers"):
        decode(b"0\r\n" + b"a: b\r\n" * 200 + b"\r\n")
