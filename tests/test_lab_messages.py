"""Wrong lengths, wrong chunks, wrong contents: the bytes, by bare sockets."""

import contextlib
import gzip
import json
import socket
import zlib

import pytest

from netbasics import lab
from netbasics.lab.floods import pack_zeros
from netbasics.lab.messages import OK, TEXT


def ask(peer, *, most=1 << 24):
    """Headers (a list of pairs) and the body, to the end of the stream."""
    with socket.create_connection(peer.address, timeout=5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        raw = b""
        while len(raw) < most and (data := sock.recv(65_536)):
            raw += data
    head, blank, body = raw.partition(b"\r\n\r\n")
    if not (blank and head.startswith(b"HTTP/1.1 ")):
        return None, raw
    lines = head.decode("latin-1").split("\r\n")[1:]
    return [tuple(line.split(": ", 1)) for line in lines], body


def values(headers, name):
    return [value for key, value in headers if key == name]


@pytest.mark.parametrize(
    ("make", "lengths"),
    [
        (lab.length_twice, [str(len(OK)), str(len(OK) - 5)]),
        (lab.length_negative, ["-1"]),
        (lab.length_no_number, ["many"]),
    ],
)
def test_the_length_is_wrong_and_the_body_is_all_there(make, lengths):
    with make() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Length") == lengths
    assert body == peer.content == OK


def test_a_length_too_short_is_followed_by_the_rest():
    with lab.length_too_short() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Length") == [str(len(peer.content))]
    assert body.startswith(peer.content)
    assert body == OK != peer.content


def test_length_and_chunked_come_together():
    with lab.length_and_chunked() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Length") == ["3"]
    assert values(headers, "Transfer-Encoding") == ["chunked"]
    assert body == b"11\r\n" + OK + b"\r\n0\r\n\r\n"


def test_a_chunked_body_lacks_its_last_chunk():
    with lab.chunked_cut_off() as peer:
        headers, body = ask(peer)
    size, _, rest = body.partition(b"\r\n")
    assert values(headers, "Transfer-Encoding") == ["chunked"]
    assert rest == OK[: int(size, 16)] + b"\r\n"
    assert len(OK) > int(size, 16) > 0


def test_a_chunk_size_is_one_for_python_and_none_for_http():
    with lab.bad_chunk_size() as peer:
        size = ask(peer)[1].partition(b"\r\n")[0]
    assert int(size, 16) == len(OK)
    assert not size.isalnum() or size.startswith(b"0x")
    with lab.bad_chunk_size(b"+11") as peer:
        assert ask(peer)[1].startswith(b"+11\r\n")


def test_an_endless_body_goes_on_and_on_without_a_length():
    with lab.endless_body(rate=1 << 30) as peer:
        headers, body = ask(peer, most=5_000_000)
    assert len(body) > 4_000_000
    assert values(headers, "Content-Length") == []


def test_an_endless_header_never_reaches_the_end_of_its_line():
    with lab.endless_header(rate=1 << 30) as peer:
        headers, raw = ask(peer, most=5_000_000)
    assert headers is None
    assert raw.count(b"\n") == 1
    assert len(raw) >= 5_000_000


def test_a_flood_is_paced():
    got = 0
    with (
        lab.endless_body(rate=100_000) as peer,
        socket.create_connection(peer.address, timeout=0.3) as sock,
        contextlib.suppress(TimeoutError),
    ):
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while got < 1_000_000:
            got += len(sock.recv(1 << 20))
    assert 10_000 < got < 100_000


def test_ten_thousand_headers_are_ten_thousand():
    with lab.many_headers() as peer:
        headers, body = ask(peer)
    assert len([name for name, _ in headers if name.startswith("X-")]) == 10_000
    assert body == OK


def test_the_bomb_is_small_and_unpacks_to_a_gigabyte():
    with lab.gzip_bomb() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Encoding") == ["gzip"]
    assert len(body) < 2 << 20
    # Unpacked piece by piece, and counted, as a careful client does.
    unpacker = zlib.decompressobj(wbits=31)
    size = len(unpacker.decompress(body, 1 << 20))
    while not unpacker.eof and size < 64 << 20:
        size += len(unpacker.decompress(unpacker.unconsumed_tail, 1 << 20))
    assert size >= 64 << 20


@pytest.mark.parametrize("mebibytes", [1, 2, 7])
def test_a_smaller_bomb_is_a_correct_gzip_file(mebibytes):
    packed = b"".join(pack_zeros(mebibytes))
    assert gzip.decompress(packed) == bytes(mebibytes << 20)


def test_garbage_is_no_http_and_always_the_same():
    with lab.garbage() as peer:
        first, second = ask(peer), ask(peer)
    assert first == second
    assert first[0] is None
    assert len(first[1]) == 512


def test_another_protocol_speaks_first():
    with lab.other_protocol() as peer:
        with socket.create_connection(peer.address, timeout=5) as sock:
            assert sock.recv(4) == b"220 "
        assert ask(peer)[0] is None


def test_invalid_json_is_good_http():
    with lab.invalid_json() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Length") == [str(len(body))]
    assert values(headers, "Content-Type") == ["application/json"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_the_wrong_shape_is_good_json():
    with lab.wrong_shape() as peer:
        assert isinstance(json.loads(ask(peer)[1]), list)


def test_the_charset_is_not_the_one_on_the_label():
    with lab.wrong_charset() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Type")[0].endswith("charset=utf-8")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert body.decode("latin-1") == peer.content.decode("utf-8")


def test_the_gzip_on_the_label_is_none():
    with lab.wrong_gzip() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Encoding") == ["gzip"]
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body)


def test_the_gzip_stops_in_the_middle_and_its_length_is_right():
    with lab.cut_gzip() as peer:
        headers, body = ask(peer)
    assert values(headers, "Content-Length") == [str(len(body))]
    with pytest.raises(EOFError):
        gzip.decompress(body)
    unpacker = zlib.decompressobj(wbits=31)
    assert TEXT.startswith(unpacker.decompress(body))
    assert not unpacker.eof


def test_too_long_a_length_ends_in_silence():
    request = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
    with (
        lab.length_too_long() as peer,
        socket.create_connection(peer.address, timeout=0.3) as sock,
    ):
        sock.sendall(request)
        data = bytearray()
        with contextlib.suppress(TimeoutError):
            while piece := sock.recv(4096):
                data += piece
            pytest.fail("it closed")
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        assert body == peer.content
        assert b"Content-Length: %d" % (len(body) + 5) in head
