"""The files that a tap writes, each read by somebody else."""

import base64
import json
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET

import pytest
import requests

from netbasics import lab, playground, servers, sockets, wire
from netbasics.wire.pcap import checksum
from netbasics.wire.recording import Recorder

TSHARK = shutil.which("tshark")
needs_tshark = pytest.mark.skipif(not TSHARK, reason="needs tshark")
CURL = shutil.which("curl")
# Ports for which tshark knows no protocol.
HERE, THERE = ("127.0.0.1", 50901), ("127.0.0.1", 50902)


def tshark(path, *fields, only=""):
    """Read a pcap with tshark, checksums checked; return rows of fields."""
    command = [TSHARK, "-r", str(path), "-T", "fields"]
    for option in ("ip", "tcp", "udp"):
        command += ["-o", f"{option}.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    if only:
        command += ["-Y", only]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=50, check=True
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


WRONG = (
    "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || "
    "tcp.checksum.status == 0 || udp.checksum.status == 0 || "
    "_ws.expert.severity >= 8388608"
)


def assert_clean(path):
    assert tshark(path, "frame.number", "_ws.expert.message", only=WRONG) == []


@pytest.fixture(scope="module")
def tapped():
    """A tap in front of the textbook API, and curl's two answers."""
    if not CURL:
        pytest.skip("needs curl")

    def curl(url):
        return subprocess.run(
            [CURL, "-sS", "--max-time", "20", url],
            capture_output=True,
            check=True,
        ).stdout

    with playground.run() as play, wire.tap(play.textbook) as tap:
        direct = curl(f"{play.textbook}/data")
        through = curl(f"{tap.url}/data")
        requests.post(f"{tap.url}/login?next=%2Fhome&a=1", data={"u": "é"})
        tap.wait(connections=2)
    return tap, direct, through


def test_curl_gets_the_same_answer_and_the_diagram_shows_it(tapped):
    tap, direct, through = tapped
    assert through == direct
    assert b"values" in through
    text = tap.diagram()
    assert "GET /data HTTP/1.1" in text
    assert "HTTP/1.1 200 OK" in text
    assert "User-Agent: curl/" in text


@needs_tshark
def test_tshark_reads_handshake_request_and_response(tapped, tmp_path):
    path = tapped[0].save(tmp_path / "wire.pcap")
    flags = [row[0] for row in tshark(path, "tcp.flags.str")]
    assert [f.replace("·", "") for f in flags[:3]] == ["S", "AS", "A"]
    asked = tshark(path, "http.request.uri", only="http.request")
    assert asked == [["/data"], ["/login?next=%2Fhome&a=1"]]
    answered = tshark(path, "http.response.code", only="http.response")
    assert answered == [["200"], ["401"]]
    assert_clean(path)


@needs_tshark
def test_tshark_sees_a_reset_and_a_refusal(tmp_path):
    with lab.resets_during() as peer, wire.tap(peer) as tap:
        with pytest.raises(requests.RequestException):
            requests.get(tap.url, timeout=10)
        assert tap.wait()
    path = tap.save(tmp_path / "reset.pcap")
    assert len(tshark(path, "frame.number", only="tcp.flags.reset == 1")) == 1
    assert_clean(path)
    with lab.refused() as peer, wire.tap(peer) as tap:
        with (
            sockets.connect(tap.address) as client,
            pytest.raises(ConnectionResetError),
        ):
            client.recv(1)
        assert tap.wait()
    path = tap.save(tmp_path / "refused.pcap")
    flags = [row[0].replace("·", "") for row in tshark(path, "tcp.flags.str")]
    assert flags == ["S", "AR"]
    assert_clean(path)


@needs_tshark
def test_tshark_finds_each_byte_of_a_large_stream_both_ways(tmp_path):
    recorder = Recorder()
    flow = recorder.begin(HERE, THERE)
    data = bytes(range(256)) * 4000
    for at in range(0, len(data), 70_001):
        flow.to_server.write(data[at : at + 70_001])
        flow.to_client.write(data[at : at + 70_001])
    recorder.mark(flow, "half-close", wire.TO_SERVER)
    recorder.mark(flow, "close", wire.TO_CLIENT)
    path = save(recorder, tmp_path / "large.pcap")
    assert_clean(path)
    for port in (HERE[1], THERE[1]):
        rows = tshark(path, "tcp.payload", only=f"tcp.srcport == {port}")
        assert b"".join(bytes.fromhex(row[0]) for row in rows) == data


@needs_tshark
def test_tshark_reads_udp_and_ipv6(tmp_path):
    recorder = Recorder()
    flow = recorder.begin(("::1", 50903), ("::1", 50904), udp=True)
    for data in (b"", b"odd", b"even", bytes(30_000)):
        flow.to_server.write(data, "datagram")
        flow.to_client.write(data, "datagram")
    six = recorder.begin(("::1", 50905), ("::1", 50906))
    six.to_server.write(b"odd")
    recorder.mark(six, "half-close", wire.TO_SERVER)
    path = save(recorder, tmp_path / "udp.pcap")
    rows = tshark(path, "udp.length", only="udp")
    assert [int(row[0]) - 8 for row in rows] == [
        0,
        0,
        3,
        3,
        4,
        4,
        30_000,
        30_000,
    ]
    assert_clean(path)


@needs_tshark
def test_tshark_sees_that_something_was_not_kept(tmp_path):
    recorder = Recorder(limit=3000)
    flow = recorder.begin(HERE, THERE)
    flow.to_server.write(bytes(10_000))
    recorder.mark(flow, "half-close", wire.TO_SERVER)
    path = save(recorder, tmp_path / "cut.pcap")
    lost = tshark(path, "frame.number", only="tcp.analysis.lost_segment")
    assert len(lost) == 1


def save(recorder, path):
    tap = wire.tap(THERE)
    tap.record = recorder
    tap._address = THERE
    return tap.save(path)


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff\xff", b"\xff" * 7, b"abc", bytes(range(200))]
)
def test_the_checksum_is_the_one_of_the_textbook(data):
    """RFC 1071's own loop: add words, fold the carries, invert."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert checksum(data) == ~total & 0xFFFF


def test_the_har_has_what_its_format_asks_for(tapped, tmp_path):
    path = tapped[0].save(tmp_path / "wire.har")
    log = json.loads(path.read_text("utf-8"))["log"]
    assert log["version"] == "1.2"
    assert set(log["creator"]) == {"name", "version"}
    get, post = log["entries"]
    assert get["request"]["url"] == f"{tapped[0].url}/data"
    assert json.loads(get["response"]["content"]["text"])["unit"] == "apples"
    assert post["request"]["postData"]["text"] == "u=%C3%A9"
    assert post["request"]["queryString"] == [
        {"name": "next", "value": "/home"},
        {"name": "a", "value": "1"},
    ]
    for entry in log["entries"]:
        assert entry["startedDateTime"].endswith("+00:00")
        timings = entry["timings"]
        parts = [timings[name] for name in ("send", "wait", "receive")]
        assert all(part >= 0 for part in parts)
        assert entry["time"] == pytest.approx(sum(parts))
        for side in ("request", "response"):
            assert {"headers", "cookies", "httpVersion", "headersSize"} <= set(
                entry[side]
            )
        assert {"status", "statusText", "redirectURL"} <= set(entry["response"])
        assert entry["cache"] == {}


def test_the_har_of_binary_bodies_cookies_and_no_answer(tmp_path):
    recorder = Recorder()
    flow = recorder.begin(HERE, THERE)
    ask = b"GET /%s HTTP/1.1\r\nHost: x\r\nCookie: a=1; b=2\r\n\r\n"
    flow.to_server.write(ask % b"1")
    flow.to_client.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nSet-Cookie: c=3; Path=/"
        b"\r\nContent-Length: 4\r\n\r\n\xff\x00\xfe\x01"
    )
    flow.to_server.write(ask % b"2")
    path = save(recorder, tmp_path / "odd.har")
    first, second = json.loads(path.read_text("utf-8"))["log"]["entries"]
    content = first["response"]["content"]
    assert base64.b64decode(content["text"]) == b"\xff\x00\xfe\x01"
    assert content["encoding"] == "base64"
    assert first["request"]["cookies"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": "2"},
    ]
    assert first["response"]["cookies"] == [{"name": "c", "value": "3"}]
    assert second["response"]["status"] == 0
    assert second["comment"] == "no response came"


def test_the_har_of_no_http_says_so(tmp_path):
    path = save(Recorder(), tmp_path / "none.har")
    log = json.loads(path.read_text("utf-8"))["log"]
    assert log["entries"] == []
    assert "no HTTP/1.1 request" in log["comment"]


def test_the_json_has_every_event_and_byte(tmp_path):
    with servers.EchoServer() as server, wire.tap(server) as tap:
        sockets.ask(tap.address, b"text \xff\x00")
        tap.wait()
    document = json.loads(tap.save(tmp_path / "a.json").read_text("utf-8"))
    events = document["events"]
    assert len(events) == len(tap.transcript)
    found = [e for e in events if e["kind"] == "chunk"]
    assert base64.b64decode(found[0]["base64"]) == b"text \xff\x00"
    assert document["missed"] == {"connections": 0, "chunks": 0, "bytes": 0}
    assert document["connections"][0]["to_server"] == 7


def test_the_text_and_the_svg_are_the_diagram(tmp_path):
    with servers.EchoServer() as server, wire.tap(server) as tap:
        sockets.ask(tap.address, b"hello")
        tap.wait()
    text = tap.save(str(tmp_path / "a.TXT"))
    assert text.read_text("utf-8") == tap.diagram() + "\n"
    root = ET.fromstring(tap.save(tmp_path / "a.svg").read_bytes())
    assert "hello" in "".join(root.itertext())


@pytest.mark.parametrize("name", ["wire", "wire.pdf", ".svg/", "x.pcapng"])
def test_a_form_that_there_is_not_is_refused(name, tmp_path):
    with servers.EchoServer() as server, wire.tap(server) as tap:
        pass
    with pytest.raises(ValueError, match=r"\.har, \.json, \.pcap"):
        tap.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_pcap_begins_as_the_format_says(tmp_path):
    path = save(Recorder(), tmp_path / "empty.pcap")
    magic, *_, link = struct.unpack("<IHHiIII", path.read_bytes())
    assert (magic, link) == (0xA1B2C3D4, 101)
