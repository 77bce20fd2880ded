"""The diagram: it fits, it folds, it cannot take over a terminal."""

import io
import re
import socket
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbasics import servers, sockets, wire
from netbasics.wire.drawing import draw
from netbasics.wire.live import Live
from netbasics.wire.previews import preview
from netbasics.wire.recording import Recorder
from netbasics.wire.svg import draw_svg
from netbasics.wire.terminals import columns, readable, wants_color

HERE = ("127.0.0.1", 5000)
THERE = ("127.0.0.1", 8000)
SVG = "{http://www.w3.org/2000/svg}"
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def record(*pieces, connections=1):
    """Return the transcript of connections that carry these pieces.

    A piece is bytes to the server, or bytes in a list to the client.
    """
    recorder = Recorder()
    for _ in range(connections):
        flow = recorder.begin(HERE, THERE)
        for piece in pieces:
            if isinstance(piece, list):
                flow.to_client.write(*piece)
            else:
                flow.to_server.write(piece)
        recorder.mark(flow, "half-close", wire.TO_SERVER)
        recorder.mark(flow, "close", wire.TO_CLIENT)
    return recorder.transcript()


def lines_of(*pieces, **options):
    return draw(record(*pieces, **options), "title").splitlines()


REQUEST = b"GET /users HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_http_is_shown_as_text_with_who_and_how_much():
    text = "\n".join(lines_of(REQUEST, [RESPONSE]))
    assert re.search(r"^ +\d+\.\d  ├─ 55 bytes ─+▶│$", text, re.M)
    assert re.search(r"^ +\d+\.\d  │◀─+ 40 bytes ─┤$", text, re.M)
    assert "│ GET /users HTTP/1.1 " in text
    assert "│ Host: example.com " in text
    assert re.search(r"│ +HTTP/1.1 200 OK +│", text)
    assert "half-close (FIN): the client sends no more" in text
    assert "close (FIN): the server sends no more either" in text


@given(
    st.lists(st.one_of(st.binary(max_size=300), st.text().map(str.encode))),
    st.integers(60, 100),
)
def test_it_fits_and_has_no_control_characters_whatever_passes(pieces, width):
    text = draw(record(*pieces), "title", width=width)
    for line in text.splitlines():
        assert columns(line) <= width
        assert line.isprintable()
    # The two sides are straight lines.
    rows = text.splitlines()[4:]
    assert {columns(row) for row in rows if row.endswith("│")} <= {width - 1}


def test_wide_characters_keep_the_sides_straight():
    rows = lines_of("漢字テスト e\u0301 😀".encode())
    assert {columns(row) for row in rows if row.endswith("│")} == {79}


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"hello\r\n", "hello\\r\\n"),
        (b"\x1b[2Jboo, here is a text", "\\x1b[2Jboo"),
        (b"a\\b", "a\\\\b"),
        ("é ü".encode(), "é ü"),
        ("\u202eevil text".encode(), "\\u202eevil text"),
        (b"\x00\x01\x02\xff", "00 01 02 ff"),
        (b"\x00\x00\x00\x05hello!!!", "00 00 00 05 68 65 6c 6c"),
    ],
)
def test_previews_show_every_byte_safely(data, shown):
    assert preview(data)[0].startswith(shown)


def test_a_long_preview_is_cut():
    assert len(preview(b"x" * 10**6)) == 3
    assert preview(bytes(10**6))[-1] == "… 999,952 more bytes"
    head = b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 50 + b"\r\n"
    assert preview(head)[-1] == "… 38 more headers"


def test_repeated_requests_are_folded():
    text = "\n".join(lines_of(*[REQUEST, [RESPONSE]] * 200))
    assert text.count("GET /users") == 1
    assert "↻ these 2 again, 199 times · → 10,945 bytes" in text
    assert "← 7,960 bytes" in text


def test_a_bulk_transfer_is_folded():
    pieces = [[bytes([n % 251]) * 60_000] for n in range(500)]
    rows = lines_of(REQUEST, *pieces)
    assert len(rows) < 40
    assert any("the same again, 499 times" in row for row in rows)


def test_many_different_events_are_shortened():
    pieces = [f"number {n}".encode() for n in range(5000)]
    rows = lines_of(*pieces)
    assert len(rows) < 200
    assert any("number 0 " in row for row in rows)
    assert any("number 4999 " in row for row in rows)
    assert any(" more, " in row for row in rows)


def test_several_connections_are_told_apart_and_the_same_ones_folded():
    rows = lines_of(b"x", connections=50)
    assert "Connection 1, from 127.0.0.1:5000" in rows
    assert "Connections 2 to 50: the same again" in rows
    assert any("█" in row for row in rows)  # when each was open


def test_a_repetition_of_two_is_left_as_it_is():
    rows = lines_of(b"one", b"one")
    assert sum("│ one " in row for row in rows) == 2


def test_too_narrow_is_refused_and_nothing_is_said_of_nothing():
    with pytest.raises(ValueError, match="60 or more"):
        draw(record(), "title", width=59)
    assert "Nothing has passed yet." in draw(record(connections=0), "title")


def test_colour_changes_nothing_but_colour():
    transcript = record(REQUEST, [RESPONSE])
    colored = draw(transcript, "title", color=True)
    assert "\x1b[36m" in colored
    plain = [line.rstrip() for line in COLOR.sub("", colored).splitlines()]
    assert plain == draw(transcript, "title").splitlines()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("TERM", "xterm", True),
        ("TERM", "dumb", False),
        ("NO_COLOR", "1", False),
    ],
)
def test_colour_is_for_terminals_that_want_it(monkeypatch, name, value, wanted):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert wants_color(Terminal()) is wanted
    assert not wants_color(io.StringIO())
    assert not wants_color(None)


def test_printing_a_tap_is_its_diagram(capsys):
    with servers.EchoServer() as server, wire.tap(server) as tap:
        sockets.ask(tap.address, b"hello")
    print(tap)
    assert capsys.readouterr().out == tap.diagram() + "\n"
    assert "\x1b" not in str(tap)


def test_in_ascii_it_is_still_a_diagram():
    text = readable(draw(record(REQUEST, [RESPONSE]), "é"), "ascii")
    assert text.isascii()
    assert "|- 55 bytes ---" in text
    assert "--->|" in text


def test_a_reset_is_seen():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        wire.tap(listener.getsockname()) as tap,
        sockets.connect(tap.address),
    ):
        server, _ = listener.accept()
        server.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        server.close()
        assert tap.wait()
    assert re.search(r"│✕┄+ reset \(RST\) from the server ┄┤", tap.diagram())


def test_the_svg_is_one_file_that_can_be_read_aloud():
    text = draw_svg(
        record(REQUEST, [RESPONSE], b"<&>\x00\x08\xef\xbf\xbe"), "<tap>"
    )
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "graphics-document document"
    assert root.get("aria-labelledby") == "title"
    assert root.find(f"{SVG}title").text == "<tap>"
    described = root.find(f"{SVG}desc").text
    assert "to the server: 55 bytes, GET /users HTTP/1.1" in described
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "GET /users HTTP/1.1" in texts
    groups = [g.get("aria-label") for g in root.iter(f"{SVG}g")]
    assert len(groups) == 6
    # Nothing in it is fetched or run.
    assert not re.search(r"(?i)href|url\(|@import|<script|<image", text)
    assert re.findall(r"https?://[^\s\"<]+", text) == [SVG[1:-1]]


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.text().map(lambda t: t.encode("utf-8", "surrogatepass")),
        )
    )
)
def test_the_svg_is_well_formed_whatever_passes(pieces):
    ET.fromstring(draw_svg(record(*pieces), "title"))


def test_the_svg_shows_several_connections_and_none():
    text = draw_svg(record(b"x", connections=3), "title")
    assert "Connections 2 to 3: the same again" in text
    assert text.count('class="span"') == 3
    assert "Nothing has passed yet" in draw_svg(record(connections=0), "t")


def test_a_notebook_gets_the_picture():
    with servers.EchoServer() as server, wire.tap(server) as tap:
        ET.fromstring(tap._repr_svg_())


def test_live_a_flood_becomes_a_line():
    live = Live()
    shown = []
    events = record(REQUEST, *[[bytes(7_000)]] * 1000)
    for event in events:
        shown.extend(live.lines(event))
    shown.extend(live.pending())
    text = "\n".join(shown)
    assert text.count("7,000 bytes") == 3
    assert "997 more pieces, 6,979,000 bytes" in text
    assert all(columns(line) <= 80 for line in text.splitlines())
    assert "1: half-close" in text


@pytest.mark.parametrize("width", [60, 70, 76, 77, 78, 79, 80, 120])
def test_numbers_of_bytes_fit_any_width(width):
    raw = bytes(range(128, 200))
    for line in draw(record(raw, [raw]), "title", width=width).splitlines():
        assert columns(line) <= width, line
