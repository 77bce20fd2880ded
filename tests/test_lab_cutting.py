"""Answers that stop in the middle, shown by bare sockets."""

import http.client
import re
import socket
import urllib.request

import pytest

from netbasics import lab
from netbasics.lab.messages import TEXT


def ask(peer, *lines):
    """The raw answer to a GET with these header lines, to its end."""
    request = "\r\n".join(["GET / HTTP/1.1", "Host: lab", *lines, "", ""])
    with socket.create_connection(peer.address, timeout=5) as sock:
        sock.sendall(request.encode())
        raw = b""
        while data := sock.recv(65_536):
            raw += data
    return raw


def split(raw):
    """Status, stated length, and the body that came."""
    head, _, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return int(head.split()[1]), int(length[1]), body


def test_cut_off_sends_half_and_ends_in_order():
    with lab.cut_off() as peer:
        status, length, body = split(ask(peer))
    assert (status, length) == (200, len(TEXT))
    assert body == TEXT[: length // 2]
    assert peer.content == TEXT


@pytest.mark.parametrize("after", [0, 1, 10])
def test_cut_off_stops_after_the_bytes_it_is_told(after):
    with lab.cut_off(b"0123456789+", after=after) as peer:
        assert split(ask(peer)) == (200, 11, b"0123456789+"[:after])


def test_cut_off_is_noticed_by_one_read_and_missed_by_many():
    with lab.cut_off() as peer:
        with (
            urllib.request.urlopen(peer.url, timeout=5) as whole,
            pytest.raises(http.client.IncompleteRead),
        ):
            whole.read()
        with urllib.request.urlopen(peer.url, timeout=5) as pieces:
            body = b"".join(iter(lambda: pieces.read(4), b""))
    assert len(body) < len(peer.content)


def test_cut_download_breaks_and_can_be_resumed_at_the_byte():
    got = b""
    answers = []
    with lab.cut_download(cuts=2) as peer:
        while len(got) < len(TEXT):
            raw = ask(peer, f"Range: bytes={len(got)}-", 'If-Range: "1"')
            status, length, body = split(raw)
            assert length == len(TEXT) - len(got)
            answers.append((status, len(body) < length))
            got += body
    assert got == TEXT
    assert answers == [(200, True), (206, True), (206, False)]
    assert peer.requests[0].header("Range") == "bytes=0-"


def test_a_resumed_part_says_where_it_belongs():
    with lab.cut_download(b"0123456789", cuts=0) as peer:
        raw = ask(peer, "Range: bytes=7-")
    assert b"Content-Range: bytes 7-9/10\r\n" in raw
    assert split(raw) == (206, 3, b"789")


def test_another_version_is_sent_from_its_start():
    with lab.cut_download(b"new text", cuts=0, etag='"2"') as peer:
        raw = ask(peer, "Range: bytes=3-", 'If-Range: "1"')
    assert split(raw) == (200, 8, b"new text")
    assert b'ETag: "2"\r\n' in raw


def test_a_range_behind_the_end_is_refused():
    with lab.cut_download(b"0123", cuts=0) as peer:
        raw = ask(peer, "Range: bytes=4-")
    assert split(raw) == (416, 0, b"")
    assert b"Content-Range: bytes */4\r\n" in raw


def test_an_empty_file_is_whole():
    with lab.cut_download(b"", cuts=0) as peer:
        assert split(ask(peer)) == (200, 0, b"")
