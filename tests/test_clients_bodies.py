"""Bodies: too large, cut off, or not what their headers say."""

import gzip
import pickle
import tracemalloc
import zlib

import pytest
import requests
from clients_help import Site, answer, then_close
from hypothesis import given
from hypothesis import strategies as st

from netbasics import clients, errors, lab
from netbasics.clients.unpacking import unpack

BOMB = gzip.compress(bytes(50_000_000))
GZIPPED = gzip.compress(b"half")
PACKED = {"Content_Encoding": "gzip"}


def chunked(*chunks, end=b"0\r\n\r\n"):
    framed = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return then_close(head + framed + end)


@pytest.mark.parametrize("stream", [False, True])
def test_a_larger_length_is_refused_before_the_body(stream):
    def head_only(sock, _request):
        sock.sendall(answer(b"", Content_Length=1001))

    refused = pytest.raises(clients.LimitExceeded)
    with Site([head_only]) as site, refused as caught:
        clients.get(site.url, max_bytes=1000, stream=stream)
    assert caught.value.size == 1001
    assert caught.value.limit == 1000
    assert isinstance(caught.value, errors.LimitExceeded)
    assert isinstance(caught.value, requests.RequestException)
    assert pickle.loads(pickle.dumps(caught.value)).limit == 1000


def test_the_limit_itself_is_allowed():
    with Site([answer(b"x" * 1000)]) as site:
        assert len(clients.get(site.url, max_bytes=1000).content) == 1000


def test_head_may_announce_any_length():
    with Site([answer(b"", Content_Length=10**12)]) as site:
        assert clients.head(site.url).headers["Content-Length"] == str(10**12)


@pytest.mark.parametrize(
    "read",
    [
        lambda r: r.content,
        lambda r: r.text,
        lambda r: list(r.iter_content(None)),
        lambda r: list(r.iter_content(1 << 30)),
        lambda r: list(r.iter_lines()),
    ],
)
@pytest.mark.parametrize(
    "reply",
    [
        answer(BOMB, **PACKED),
        answer(zlib.compress(bytes(50_000_000)), Content_Encoding="deflate"),
        chunked(*[bytes(10_000)] * 1000),
        then_close(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(10_000_000)),
    ],
    ids=["gzip", "deflate", "chunked", "until close"],
)
def test_what_was_not_announced_is_refused_when_it_comes(reply, read):
    with (
        Site([reply]) as site,
        clients.get(site.url, stream=True, max_bytes=1000) as response,
        pytest.raises(clients.LimitExceeded),
    ):
        read(response)


def test_a_bomb_never_is_in_memory():
    with Site([answer(BOMB, **PACKED)]) as site:
        tracemalloc.start()
        with pytest.raises(clients.LimitExceeded, match="limit of 1000000"):
            clients.get(site.url, max_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000_000


def test_an_endless_chunk_is_not_read_in_one_piece():
    def endless(sock, _request):
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        sock.sendall(b"ffffffffff\r\n")
        while True:
            sock.sendall(bytes(65536))

    with Site([endless]) as site, pytest.raises(clients.LimitExceeded):
        clients.get(site.url, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "reply",
    [
        then_close(answer(b"half", Content_Length=8)),
        then_close(answer(GZIPPED, Content_Length=99, **PACKED)),
        chunked(b"half", end=b"8\r\nhal"),
        chunked(b"half", end=b""),
    ],
    ids=["length", "gzip", "in a chunk", "between chunks"],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_cut_body_is_never_taken_for_whole(reply, stream):
    cut = pytest.raises(clients.ConnectionLost)
    with Site([reply]) as site, cut as caught:
        _ = clients.get(site.url, retries=0, stream=stream).content
    error = caught.value
    assert isinstance(error, EOFError)
    assert isinstance(error, errors.ConnectionClosed)
    assert isinstance(error, requests.exceptions.ChunkedEncodingError)
    assert f"of the body of GET {site.url}" in str(error)


def test_a_cut_tells_both_numbers():
    cut = pytest.raises(clients.ConnectionLost, match="4 of 8 bytes")
    reply = then_close(answer(b"half", Content_Length=8))
    with Site([reply]) as site, cut as caught:
        clients.get(site.url, retries=0)
    assert (caught.value.got, caught.value.wanted) == (4, 8)


@pytest.mark.parametrize(
    "reply",
    [
        then_close(answer(b"half", Content_Length=8)),
        answer(b"no gzip", **PACKED),
        answer(BOMB, **PACKED),
    ],
    ids=["cut", "bad", "large"],
)
def test_a_failed_body_fails_again(reply):
    # In requests the second `content` is b"".
    with (
        Site([reply]) as site,
        clients.get(site.url, stream=True, max_bytes=10_000) as response,
    ):
        for _ in range(3):
            with pytest.raises(clients.RequestError):
                _ = response.content
        with pytest.raises(clients.RequestError):
            list(response.iter_content())


def test_what_came_before_the_cut_is_handed_out():
    cut = then_close(answer(b"half", Content_Length=8))
    with (
        Site([cut]) as site,
        clients.get(site.url, stream=True) as response,
    ):
        pieces = response.iter_content(1000)
        assert next(pieces) == b"half"
        with pytest.raises(clients.ConnectionLost):
            next(pieces)


@pytest.mark.parametrize("fault", [lab.cut_gzip, lab.wrong_gzip])
def test_broken_gzip_is_an_error(fault):
    broken = pytest.raises(clients.BadBody, match="gzip")
    with fault() as peer, broken as caught:
        clients.get(peer.url)
    assert isinstance(caught.value, requests.exceptions.ContentDecodingError)
    assert isinstance(caught.value, errors.ProtocolError)


def test_an_empty_body_needs_no_packing():
    with Site([answer(b"", **PACKED)]) as site:
        assert clients.get(site.url).content == b""


def test_each_coding_is_undone():
    raw = zlib.compressobj(wbits=-15)
    bodies = {
        "gzip": gzip.compress(b"text") + gzip.compress(b" more"),
        "x-gzip": gzip.compress(b"text more"),
        "GZIP": gzip.compress(b"text more") + b"\0\0\0",
        "deflate": zlib.compress(b"text more"),
        "DEFLATE": raw.compress(b"text more") + raw.flush(),
        "gzip, deflate": zlib.compress(gzip.compress(b"text more")),
        "identity": b"text more",
        "unheard-of": b"text more",
    }
    for coding, body in bodies.items():
        with Site([answer(body, Content_Encoding=coding)]) as site:
            assert clients.get(site.url).content == b"text more", coding
            theirs = requests.get(site.url, timeout=5).content
            assert theirs == b"text more", coding


@given(
    st.lists(st.binary(max_size=300), max_size=4),
    st.sampled_from(["gzip", "deflate"]),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_packed_data_in_any_pieces_is_unpacked(files, coding, cut, size):
    whole = b"".join(files)
    packed = zlib.compress(whole)
    if coding == "gzip":
        packed = b"".join(gzip.compress(file) for file in files)
    pieces = [packed[i : i + cut] for i in range(0, len(packed), cut)]
    out = list(unpack(pieces, coding, size))
    assert b"".join(out) == whole
    assert all(0 < len(piece) <= size for piece in out)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_packed_data_without_its_end_is_refused(content, data):
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(EOFError):
        list(unpack([packed[:cut]], "gzip", 100))


def test_a_redirect_with_a_huge_body_is_bounded_too():
    def endless(sock, _request):
        sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n")
        while True:
            sock.sendall(bytes(65536))

    with Site([endless]) as site:
        for stream in (False, True):
            with pytest.raises(clients.LimitExceeded):
                clients.get(site.url, stream=stream, max_bytes=1_000_000)


def test_a_connection_is_free_again_after_each_kind_of_error():
    replies = [
        answer(b"", Content_Length=99),
        then_close(answer(b"half", Content_Length=8)),
        answer(b"no gzip", **PACKED),
        answer(b"fine"),
    ]
    with Site(replies) as site, clients.session(max_bytes=50) as session:
        session.retries = 0
        for kind in ("LimitExceeded", "ConnectionLost", "BadBody"):
            with pytest.raises(getattr(clients, kind)):
                session.get(site.url)
        assert session.get(site.url).text == "fine"


def test_nothing_is_left_open_when_a_stream_is_dropped():
    with Site([answer(b"x" * 1000)]) as site, clients.session() as session:
        response = session.get(site.url, stream=True)
        next(response.iter_content(10))
        response.close()
        assert session.get(site.url).content == b"x" * 1000
