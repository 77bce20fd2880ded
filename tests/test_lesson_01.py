"""Lesson 1 shows in each run what it says."""

import sys
from functools import partial

import pytest
from course_help import play_step

play = partial(play_step, "01")


def done(name):
    played = play(name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    return played


def test_bytes_come_and_text_is_made_of_them():
    lines = done("someone_to_talk_to").output.splitlines()
    assert lines[0] == "received: b'Welcome to the caf\\xc3\\xa9'"
    assert lines[1] == "decoded:  Welcome to the café"
    assert lines[2] == "b'Welcome to the caf\\xc3\\xa9'"
    assert "1 served" in lines[3]


def test_both_ends_have_an_address():
    played = done("the_words_live")
    assert "AF_INET (IPv4)" in played.output
    assert "SOCK_STREAM (TCP)" in played.output
    assert str(played.names["server"].address) in played.output
    assert "127.0.0.1\n" in played.output
    assert "port 1023: " in played.output


def test_the_end_is_empty_bytes_and_stays_so():
    played = done("ask_and_answer")
    assert played.output.count("after the end: b''") == 3
    assert len(played.names["pieces"]) > 1
    assert "whole answer: b'a longer question'" in played.output
    assert "with the helper: b'hi'" in played.output


def test_a_tap_shows_whole_chunks_and_an_end_without_bytes():
    played = done("ask_and_answer")
    tap, pieces = played.names["tap"], played.names["pieces"]
    assert b"".join(pieces) == b"a longer question"
    assert f"pieces from recv: {len(pieces)}\n" in played.output
    for direction in ("to-server", "to-client"):
        assert tap.transcript.data(direction) == b"a longer question"
    chunks = tap.transcript.filter(direction="to-client", kind="chunk")
    assert len(chunks) < len(pieces)
    kinds = [event.kind for event in tap.transcript]
    assert kinds[0] == "connect"
    assert kinds[-2:] == ["half-close", "close"]
    assert [e.direction for e in tap.transcript[-2:]] == [
        "to-server",
        "to-client",
    ]
    diagram = played.output.partition("pieces from recv")[2]
    signs = [
        "─ connect ─",
        "a longer question",
        "half-close (FIN)",
        "close (FIN)",
    ]
    places = [diagram.index(sign) for sign in signs]
    assert places == sorted(places)


def test_a_connect_succeeds_before_accept():
    lines = done("a_server_bare").output.splitlines()
    assert lines[:3] == [
        "client: connected",
        "server: accepted the same: True",
        "client: received b'HELLO'",
    ]
    assert lines[3:6] == [f"b'you are number {n}'" for n in (1, 2, 3)]
    assert lines[6:] == [
        "'127.0.0.1' means 127.0.0.1",
        "''          means 0.0.0.0",
    ]


def test_a_stranger_can_send_to_a_udp_socket():
    lines = done("udp").output.splitlines()
    assert "b'I am the server'   from the stranger" in lines
    assert "b'hello'             from the server" in lines
    assert "b'hello'" in lines


def test_a_forgotten_socket_warns_and_a_with_block_closes():
    played = done("cleaning_up")
    assert played.output.startswith("ResourceWarning unclosed <socket")
    assert played.output.endswith("file descriptor: -1\n")


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not hold the port"
)
def test_a_port_stays_taken_without_the_option():
    lines = done("address_already_in_use").output.splitlines()
    assert lines[0].startswith("EADDRINUSE")
    assert lines[1].startswith("SO_REUSEADDR=0: Address already in use")
    assert lines[2] == "SO_REUSEADDR=1: starts again"


def test_the_second_client_waits_until_each_has_a_thread():
    lines = done("two_at_once").output.splitlines()
    assert lines[0] == "second client: no answer in 0.3 s"
    assert lines[1] == "second client: b'hello'"
    assert lines[2] == "second client: b'HELLO'"
