"""The transcript: events as data, filters, HTTP, and the cap on memory."""

import pickle

import pytest
import requests

from netbasics import servers, sockets, wire
from netbasics.wire.recording import EVENT_COST, Recorder

HERE = ("127.0.0.1", 5000)
THERE = ("127.0.0.1", 8000)


def app(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size) or environ["PATH_INFO"].encode()
    headers = [("Content-Type", "text/plain"), ("X-Twice", "a")]
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture(scope="module")
def transcript():
    """Two connections: three requests on the first, one on the second."""
    with servers.serve(app) as server, wire.tap(server) as tap:
        for paths in (("/a", "/b", "/c"), ("/d",)):
            with requests.Session() as session:
                session.trust_env = False
                for path in paths:
                    session.post(f"{tap.url}{path}", data=path * 3)
        tap.wait(connections=2)
    return tap.transcript


def record(limit=10**6):
    recorder = Recorder(limit)
    return recorder, recorder.begin(HERE, THERE)


def test_events_are_in_order_and_have_times_and_offsets(transcript):
    assert len(transcript) == len(list(transcript))
    assert transcript[0].kind == "connect"
    assert transcript[0].time == 0.0
    for flow in transcript.flows:
        own = transcript.filter(connection=flow.number)
        times = [event.time for event in own]
        assert times == sorted(times)
        for way in (wire.TO_SERVER, wire.TO_CLIENT):
            chunks = own.filter(direction=way, kind="chunk")
            at = 0
            for chunk in chunks:
                assert chunk.offset == at
                assert chunk.size == len(chunk.data)
                at += chunk.size
            total = flow.to_server if way == wire.TO_SERVER else flow.to_client
            assert at == total


def test_filters_and_joins(transcript):
    assert {e.connection for e in transcript.filter(connection=2)} == {2}
    chunks = transcript.filter(kind="chunk", direction=wire.TO_SERVER)
    assert {(e.kind, e.direction) for e in chunks} == {("chunk", "to-server")}
    both = transcript.data(wire.TO_SERVER)
    one, two = (transcript.data(wire.TO_SERVER, n) for n in (1, 2))
    assert both == one + two
    assert one.startswith(b"POST /a HTTP/1.1\r\n")
    assert two.startswith(b"POST /d HTTP/1.1\r\n")
    assert transcript.data(wire.TO_CLIENT, 3) == b""


def test_a_direction_that_is_none_is_refused(transcript):
    with pytest.raises(ValueError, match="to-server"):
        transcript.data("up")


def test_it_is_a_snapshot_that_can_be_pickled(transcript):
    again = pickle.loads(pickle.dumps(transcript[0:3]))
    assert again == transcript[0:3]
    assert "2 connections" in repr(transcript)
    assert "chunk to-server" in repr(transcript[1])


def test_it_is_read_as_http(transcript):
    exchanges = transcript.exchanges()
    targets = [exchange.request.target for exchange in exchanges]
    assert targets == ["/a", "/b", "/c", "/d"]
    assert [e.connection for e in exchanges] == [1, 1, 1, 2]
    for exchange in exchanges:
        assert exchange.response.status == 200
        assert exchange.response.body == exchange.request.body
        assert exchange.response.body == exchange.request.target.encode() * 3
        assert exchange.began <= exchange.asked
        assert exchange.asked <= exchange.answered <= exchange.ended
        assert not exchange.problem
    assert len(transcript.exchanges(connection=2)) == 1


def test_a_response_that_is_cut_is_no_response():
    recorder, flow = record()
    flow.to_server.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    flow.to_client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    (exchange,) = recorder.transcript().exchanges()
    assert exchange.response is None
    assert "4 of 9 bytes" in exchange.problem


@pytest.mark.parametrize(
    ("ending", "whole"), [("close", True), ("reset", False), (None, False)]
)
def test_a_body_without_a_length_needs_the_close(ending, whole):
    recorder, flow = record()
    flow.to_server.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    flow.to_client.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
    if ending:
        recorder.mark(flow, ending, wire.TO_CLIENT)
    (exchange,) = recorder.transcript().exchanges()
    assert (exchange.response is not None) is whole
    assert bool(exchange.problem) is not whole


def test_a_request_without_an_answer_and_no_http_at_all():
    recorder, flow = record()
    flow.to_server.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    other = recorder.begin(HERE, THERE)
    other.to_server.write(b"\x00\x00\x00\x05hello")
    (exchange,) = recorder.transcript().exchanges()
    assert exchange.problem == "no response came"


def test_pipelined_requests_in_single_bytes():
    recorder, flow = record()
    asked = (
        b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    answered = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\nhi\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    )
    for writer, data in ((flow.to_server, asked), (flow.to_client, answered)):
        # The first line in one piece: by it, HTTP is known.
        head = data.index(b"\n") + 1
        writer.write(data[:head])
        for byte in data[head:]:
            writer.write(bytes([byte]))
    first, second = recorder.transcript().exchanges()
    assert first.response.body == b"hi"
    assert second.request.method == "HEAD"
    assert second.response.body == b""


@pytest.mark.parametrize("limit", [0, 255, 1000, 5000, 100_000])
@pytest.mark.parametrize("size", [1, 100, 3000, 70_000])
def test_it_keeps_to_its_limit_and_goes_on_counting(limit, size):
    recorder = Recorder(limit)
    written = {wire.TO_SERVER: 0, wire.TO_CLIENT: 0}
    streams = {}
    for _ in range(3):
        flow = recorder.begin(HERE, THERE)
        for number in range(100):
            data = bytes([number]) * size
            for way in (wire.TO_SERVER, wire.TO_CLIENT):
                flow.writer(way).write(data)
                written[way] += size
                key = flow.flow.number, way
                streams[key] = streams.get(key, b"") + data
        recorder.mark(flow, "half-close", wire.TO_SERVER)
        recorder.mark(flow, "close", wire.TO_CLIENT)
    t = recorder.transcript()
    endings = [e for e in t if e.kind != "chunk"]
    kept = sum(len(e.data) + EVENT_COST for e in t if e.kind == "chunk")
    assert kept <= limit
    assert len(endings) <= 9
    assert t.missed.bytes + sum(len(e.data) for e in t) == sum(written.values())
    assert t.missed.connections + len(t.flows) == 3
    assert t.complete is (t.missed.bytes == 0)
    for (number, way), stream in streams.items():
        # What is kept of each direction is its beginning, without a gap.
        assert stream.startswith(t.data(way, number))
    assert recorder.counts()[0] == 3


def test_an_ending_behind_what_was_not_kept_is_where_it_was():
    recorder, flow = record(limit=2000)
    flow.to_server.write(bytes(5000))
    recorder.mark(flow, "half-close", wire.TO_SERVER)
    end = recorder.transcript()[-1]
    assert (end.kind, end.offset) == ("half-close", 5000)


def test_a_listener_hears_of_everything_kept_or_not():
    heard = []
    with (
        servers.EchoServer() as server,
        wire.tap(server, limit=0, on_event=heard.append) as tap,
    ):
        assert sockets.ask(tap.address, b"hello") == b"hello"
        tap.wait()
        assert len(tap.transcript) == 0
        assert tap.transcript.missed == (1, 2, 10)
        assert "Not all of it is here" in tap.diagram()
    # The echo and the half-close may pass in either order.
    assert sorted(e.kind for e in heard) == [
        "chunk",
        "chunk",
        "close",
        "connect",
        "half-close",
    ]
    assert heard[1].data == b"hello"


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="limit=-1"):
        wire.tap(THERE, limit=-1)


def test_many_short_connections_fit_into_the_limit():
    recorder = Recorder(limit=1000 * 2100)
    for _ in range(1000):
        flow = recorder.begin(HERE, THERE)
        flow.to_server.write(b"x")
        flow.to_client.write(b"y")
        flow.over()
        recorder.mark(flow, "close", wire.TO_CLIENT)
    transcript = recorder.transcript()
    assert transcript.complete
    assert len(transcript.flows) == 1000
