"""Lesson 1 shows in each run what it says."""

import os
import sys
from dataclasses import dataclass

import pytest
from course_help import Notes

from netbasics.course import Choice, Number, events, locate
from netbasics.course.engine import run_step

LESSON = locate.load(locate.find("01"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="as Linux does it")
unix = pytest.mark.skipif(os.name != "posix", reason="as Unix does it")


@dataclass
class Done:
    """What a step did; `truths` are the run's answers to its questions."""

    output: str
    names: dict[str, object]
    truths: list[str]


def done(name):
    (step,) = [step for step in LESSON.steps if step.name == name]
    notes = Notes()
    ended = run_step(LESSON, step, notes)
    failures = notes.only(events.Failed)
    assert ended.outcome == "done", [f.traceback for f in failures]
    assert notes.output("stderr") == ""
    answered = notes.only(events.Answered)
    assert len(answered) == len(questions(step))
    truths = [event.verdict.truth for event in answered]
    return Done(notes.output(), ended.names, truths)


def questions(step):
    return [part.question for part in step.parts if part.question]


def test_nearly_every_step_asks_and_each_answer_has_its_own_reply():
    for step in LESSON.steps:
        assert questions(step), step.name
        for question in questions(step):
            if isinstance(question, Choice):
                replies = list(question.replies.values())
                assert 2 <= len(set(replies)) == len(replies) <= 4
                assert max(map(len, question.choices)) <= 70
            elif isinstance(question, Number):
                assert question.right
                assert question.low
                assert question.high


def test_bytes_come_and_text_is_made_of_them():
    lines = done("someone_to_talk_to").output.splitlines()
    assert lines[0] == "received: b'Welcome to the caf\\xc3\\xa9'"
    assert lines[1] == "decoded:  Welcome to the café"
    assert lines[2] == "b'Welcome to the caf\\xc3\\xa9'"
    assert "1 served" in lines[3]
    assert done("someone_to_talk_to").truths == ["bytes"]


def test_both_ends_have_an_address():
    played = done("the_words_live")
    assert "AF_INET (IPv4)" in played.output
    assert "SOCK_STREAM (TCP)" in played.output
    assert str(played.names["server"].address) in played.output
    assert "127.0.0.1\n" in played.output
    assert "port 1023: " in played.output
    own_port, addresses, allowed = played.truths
    assert own_port == "another one"
    assert int(addresses) == played.output.count("\nAF_INET")
    assert allowed == ("yes" if "account may listen" in played.output else "no")


def test_the_end_is_empty_bytes_and_stays_so():
    played = done("ask_and_answer")
    assert played.output.count("after the end: b''") == 3
    assert len(played.names["pieces"]) > 1
    assert "whole answer: b'a longer question'" in played.output
    assert "with the helper: b'hi'" in played.output
    assert played.truths[0] == "it returns b''"


def test_a_tap_shows_whole_chunks_and_an_end_without_bytes():
    played = done("ask_and_answer")
    tap, pieces = played.names["tap"], played.names["pieces"]
    assert b"".join(pieces) == b"a longer question"
    assert f"pieces from recv:    {len(pieces)}\n" in played.output
    for direction in ("to-server", "to-client"):
        assert tap.transcript.data(direction) == b"a longer question"
    chunks = tap.transcript.filter(direction="to-client", kind="chunk")
    assert len(chunks) < len(pieces)
    assert played.truths[1] == str(len(chunks))
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
    played = done("a_server_bare")
    assert played.truths == ["it succeeds", "every address of this machine"]
    lines = played.output.splitlines()
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
    played = done("udp")
    assert played.truths == ["what the stranger sent"]
    lines = played.output.splitlines()
    assert "b'I am the server'   from the stranger" in lines
    assert "b'hello'             from the server" in lines
    assert "b'hello'" in lines


def test_a_forgotten_socket_warns_and_a_with_block_closes():
    played = done("cleaning_up")
    assert played.output.startswith("ResourceWarning unclosed <socket")
    assert played.output.endswith("file descriptor: -1\n")
    assert played.truths == ["closed"]


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not hold the port"
)
def test_a_port_stays_taken_without_the_option():
    played = done("address_already_in_use")
    assert played.truths == ["only the one with SO_REUSEADDR"]
    lines = played.output.splitlines()
    assert lines[0].startswith("EADDRINUSE")
    assert lines[1].startswith("SO_REUSEADDR=0: Address already in use")
    assert lines[2] == "SO_REUSEADDR=1: starts again"


def test_the_second_client_waits_until_each_has_a_thread():
    played = done("two_at_once")
    assert played.truths == ["nothing, for as long as the first is there"]
    lines = played.output.splitlines()
    assert lines[0] == "second client: no answer in 0.3 s"
    assert lines[1] == "second client: b'hello'"
    assert lines[2] == "second client: b'HELLO'"


def test_five_orders_arrive_as_one_until_their_ends_are_marked():
    played = done("five_sends_one_recv")
    orders = [b"left", b"right", b"left", b"stop", b"right"]
    assert played.names["piece"] not in orders
    assert played.names["piece"].startswith(b"leftright")
    assert played.truths == ["several orders in one piece"]
    assert played.names["orders"] == orders
    assert played.names["rest"] == b""
    assert played.names["lines"] == orders


def test_a_message_arrives_in_pieces_and_is_put_together():
    played = done("one_send_many_recvs")
    assert played.truths == [
        "some of them",
        "nothing: it is an error",
        "it raises an error",
    ]
    assert "sent: 1,000,000 bytes, received: " in played.output
    assert "b'caf\\xc3' -> error: unexpected end of data\n" in played.output
    assert "b'caf\\xc3\\xa9' -> café\n" in played.output
    assert played.names["whole"] == "é" * 500_000
    assert "500,000 of 1,000,000 bytes are missing" in played.output
    # The helper, on a whole answer and on half of one.
    assert "\n500,000 characters\nConnectionClosed\n" in played.output
    assert "after 500000 of 1000000 bytes" in played.output
    # Frames: by hand, and read by the helper.
    assert "b'\\x00\\x00\\x00\\x05' -> café\n" in played.output
    assert "a frame of 0 bytes\na frame of 1,000,000 bytes\n" in played.output


def test_send_leaves_a_rest_and_a_loop_sends_it():
    played = done("send_sends_some")
    sent, arrived = played.names["sent"], played.names["arrived"]
    assert 0 < sent == arrived < len(played.names["message"])
    assert played.truths == ["it sends some and says how many"]
    assert played.names["counted"] == b"20,000,000 bytes arrived"
    assert played.output.count("20,000,000 bytes arrived") == 3


def test_half_a_goodbye_lets_the_answer_in():
    played = done("half_a_goodbye")
    assert played.names["first"] is None
    assert "no answer in 0.3 s\n" in played.output
    assert played.names["closed"] == "Bad file descriptor"
    assert played.names["answer"] == b"6"
    assert played.names["sending"] != "works"
    assert played.truths == ["nothing, in 0.3 s", "receive"]
    kinds = [
        (event.kind, event.direction)
        for event in played.names["tap"].transcript
        if event.kind in ("half-close", "close") or event.data == b"6"
    ]
    assert kinds == [
        ("half-close", "to-server"),
        ("chunk", "to-client"),
        ("close", "to-client"),
    ]
    assert played.output.endswith("b'6'\n")


@unix
def test_the_first_send_to_a_closed_peer_works_and_an_answer_tells():
    played = done("sending_to_the_dead")
    assert played.names["outcomes"] == ["no error", "BrokenPipeError"]
    assert played.names["lost"]
    assert "saved: b" not in played.output
    assert played.truths[0] == "the first succeeds, the second fails"


@linux
def test_unread_input_makes_a_reset_and_reading_on_prevents_it():
    played = done("sending_to_the_dead")
    assert played.names["received"] == [
        b"too long",
        "Connection reset by peer",
    ]
    assert played.truths[1] == "the answer, then an error"
    assert played.names["repaired"] == [b"too long", b""]
    assert "read at the end: b' a very long document'\n" in played.output
    assert played.output.endswith("[b'too long', b'']\n")


def test_two_that_only_send_are_stuck_until_one_reads():
    played = done("deadlock")
    assert played.names["stuck"] is True
    assert 0 < played.names["sent"] < 100_000_000
    assert len(played.names["back"]) == played.names["sent"]
    size = len(played.names["message"])
    # The repair sends more than what was too much before.
    assert played.names["received"] == size > played.names["sent"]
    assert len(played.names["asked"]) == len(played.names["echoed"]) == size
    assert played.truths == [
        "after a million bytes or more"
        if played.names["sent"] >= 1_000_000
        else "before a million bytes"
    ]


@unix
def test_datagrams_are_cut_dropped_and_doubled_and_each_has_its_repair():
    played = done("datagrams_lie")
    names = played.names
    assert (names["first"], names["second"]) == (b"meet me", b"bring tea")
    assert names["whole"] == b"meet me at noon"
    assert 0 < len(names["arrived"]) < 2500, "most of the burst is lost"
    assert "try 1: no answer" in played.output
    assert "try 2: no answer" in played.output
    assert names["answer"] == b"hello"
    assert names["tries"] >= 3
    assert names["replies"] == {"one": "one", "two": "one", "three": "two"}
    assert names["repaired"] == {"one": "one", "two": "two", "three": "three"}
    assert names["stale"] == 2
    assert played.truths == [
        "the second message",
        f"{len(names['arrived'])} datagrams",
        "the answer to the second one",
    ]
    assert played.output.endswith(
        "b'one' -> b'one'\nb'two' -> b'two'\nb'three' -> b'three'\n"
    )


@linux
def test_clients_connect_to_nobody_until_the_backlog_is_full():
    played = done("connected_to_nobody")
    assert played.names["connected"] == 2
    assert played.names["told"] == "client 3: connect timed out"
    assert played.truths == ["2"]
    assert played.names["served"] == 5
    assert played.names["last"] == b"hello"
    assert "5 served, 5 open" in played.output


@linux
def test_a_closed_listener_serves_one_more_and_a_shut_down_one_nobody():
    played = done("closed_still_serving")
    assert played.names["results"] == ["served", "refused"]
    assert played.truths == ["one is served, one is refused"]
    assert "the thread has ended: True ['Invalid argument']" in played.output
    assert played.names["repaired"] == ["refused", "refused"]
    assert "running: served\n" in played.output
    assert played.names["stopped"] == "refused"


def test_fifty_slow_clients_need_not_wait_for_each_other():
    played = done("fifty_slow_clients")
    seconds = dict(played.names["seconds"])
    alone = seconds.pop("one at a time")
    assert alone >= 50 * 0.02
    assert list(seconds) == ["threads", "selectors", "asyncio", "TCPServer"]
    for name, took in seconds.items():
        assert took < alone / 2, name
    assert played.truths[1] == "a thread for each"
    chart = str(played.names["chart"])
    for name in played.names["seconds"]:
        assert name in chart
    assert chart in played.output
    assert "50 served" in played.output
