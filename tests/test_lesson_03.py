"""Lesson 3 shows in each run what it says."""

import os
import sys
from dataclasses import dataclass

import pytest
from course_help import Notes

from netbasics.course import Choice, Number, events, locate
from netbasics.course.engine import run_step

LESSON = locate.load(locate.find("03"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="as Linux does it")
unix = pytest.mark.skipif(os.name != "posix", reason="as Unix does it")


@dataclass
class Done:
    """What a step did; `truths` are the run's answers to its questions."""

    output: str
    lines: list[str]
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
    output = notes.output()
    return Done(output, output.splitlines(), ended.names, truths)


def questions(step):
    return [part.question for part in step.parts if part.question]


def test_every_step_asks_and_each_answer_has_its_own_reply():
    for step in LESSON.steps:
        assert questions(step), step.name
        for question in questions(step):
            assert len(question.text) <= 70
            if isinstance(question, Choice):
                replies = list(question.replies.values())
                assert 2 <= len(set(replies)) == len(replies) <= 4
                assert max(map(len, question.choices)) <= 70
            else:
                assert isinstance(question, Number)
                replies = [question.right, question.low, question.high]
                assert len(set(replies)) == 3


def test_the_core_comes_first():
    assert [step.deeper for step in LESSON.steps] == [False] * 9 + [True] * 9


def test_a_handler_answers_every_path_but_not_every_method():
    played = done("with_the_standard_library")
    assert played.lines[0].startswith("200 text/html")
    assert "You asked for /no/such/page" in played.lines[1]
    assert played.lines[2].startswith("DELETE: 501")
    assert played.truths == ["200, and the page"]


def test_a_body_is_read_by_its_length():
    played = done("reading_a_body")
    assert played.lines[0] == "body:   b'[1, 2, 39]'"
    assert played.lines[1] == "answer: 200 {'sum': 42}"
    assert played.truths == ["10 bytes"]


def test_both_traps_catch_and_are_repaired():
    played = done("two_traps")
    lines = played.lines
    # The reply was sent, and the client still waited until its timeout.
    assert float(lines[0].split()[2]) >= 0.5
    assert "timed out" in lines[1]
    chunked = lines.index("client: 500 Internal Server Error")
    after = lines[chunked + 1 :]
    assert after[0].startswith("server: TypeError(")
    assert after[1] == "200 OK b'HELLO'"
    assert after[2].startswith("411 ")
    assert after[3].startswith("413 ")
    assert played.truths == [
        "never: it gives up",
        "nothing",
        "500, Internal Server Error",
        "1",
    ]


def test_a_tap_shows_the_whole_answer_and_no_end_until_the_client_leaves():
    played = done("two_traps")
    transcript = played.names["tap"].transcript
    assert transcript.data("to-client").endswith(b"\r\n\r\nhello")
    assert b"Content-Length" not in transcript.data("to-client")
    *_, answer = transcript.filter(direction="to-client", kind="chunk")
    following = transcript[transcript.index(answer) + 1]
    assert (following.kind, following.direction) == ("half-close", "to-server")
    # The client waited all the time that it had.
    assert following.time - answer.time > 0.25
    assert "client: timed out\n" in played.output
    diagram = played.output.partition("client: timed out\n")[2]
    signs = ["GET / HTTP/1.1", "hello", "half-close (FIN)", "client: 500"]
    places = [diagram.index(sign) for sign in signs]
    assert places == sorted(places)


def test_flask_makes_replies_of_what_functions_return():
    played = done("flask_routes")
    lines = played.lines
    assert [line[:3] for line in lines[:3]] == ["200", "200", "404"]
    assert "application/json" in lines[1]
    assert lines[3].startswith("201 /books/1 ")
    assert lines[4].startswith("400 None ")
    assert lines[5].startswith("415 ")
    assert lines[6] == "all books: [{'id': 1, 'title': 'Momo'}]"
    assert played.truths == ["404, Not Found", "the second and the third"]


def test_only_debug_mode_shows_the_secret():
    played = done("never_debug_in_public")
    normal, debug = played.lines
    assert normal.startswith("normal")
    assert normal.endswith("the secret is in it: False")
    assert debug.endswith("the secret is in it: True")
    assert played.truths == ["in debug mode only"]


def test_fastapi_refuses_what_does_not_fit():
    played = done("fastapi_types")
    lines = played.lines
    assert [line[:3] for line in lines[:4]] == ["200", "422", "201", "422"]
    assert lines[4] == "['body', 'pages'] - Field required"
    assert played.truths == ["2"]


def test_only_the_plain_page_needs_other_machines():
    played = done("a_page_to_try_it")
    plain, offline = played.lines[:2]
    assert int(plain.split()[1]) > 0
    assert offline.split()[1] == "0"
    assert "'title': 'Books'" in played.output
    assert played.truths == ["nothing"]


def test_three_apis_agree_and_differ_where_nothing_is_agreed():
    played = done("the_same_api_three_times")
    lines = played.lines
    assert [line.rpartition(" ")[2] for line in lines[:5]] == ["True"] * 5
    statuses = [line.split()[2] for line in lines[:5]]
    assert statuses == ["200", "201", "422", "422", "200"]
    assert "HEAD instead of GET                [405, 200, 405]" in lines
    slash = next(line for line in lines if line.startswith("a slash at"))
    assert len(set(slash.partition("[")[2].strip("]").split(", "))) > 1
    assert played.truths == ["no", "Flask"]


def test_memory_forgets_and_a_file_does_not():
    played = done("where_data_lives")
    lines = played.lines
    assert lines[0] == "start 1: Ada L. is there: False"
    assert lines[2] == "start 2: Ada L. is there: False"
    assert lines[4] == "['Grace', \"Robert'); DROP TABLE users; --\"]"
    assert lines[5].startswith("Flask:   201 /users/")
    assert lines[6].startswith("FastAPI: 200 ")
    assert "Ada L." in lines[6]
    assert played.truths == ["no", "both, as they were sent"]


def test_one_silent_client_stops_one_thread_and_not_many():
    played = done("one_silent_client")
    names = played.names
    # Wrong: one thread, which waits for the silent one until he leaves.
    assert names["during"] == "ReadTimeout"
    assert names["after"] == "204"
    # Repaired: a thread for each, a limit for each wait, and our server.
    assert names["beside"] == "204"
    assert names["threads"] > 5
    assert names["goodbye"] == b""
    assert names["helped"] == "204"
    assert played.truths == ["it waits in vain", "for ever, if they wish"]


@linux
def test_two_writes_wait_and_one_write_does_not():
    played = done("the_40_ms_ghost")
    medians = played.names["medians"]
    assert list(medians) == [
        "two writes",
        "AtOnce",
        "OneWrite",
        "servers.serve",
    ]
    slow = medians.pop("two writes")
    assert slow > 30
    assert slow > 2 * max(medians.values())
    assert "two writes" in str(played.names["chart"])
    assert played.truths == ["about 40 ms"]


@linux
def test_the_pause_is_between_head_and_body():
    played = done("the_40_ms_ghost")
    *_, head, body = played.names["answers"]
    assert head.data.startswith(b"HTTP/1.1 200 OK")
    assert body.data == b"hello"
    assert body.time - head.time > 0.03


def test_an_unread_body_is_answered_like_a_request():
    played = done("one_request_two_answers")
    names = played.names
    # Wrong: the body was the next request, and the visitor got its answer.
    assert names["got"] == [b"403 Forbidden", b"200 OK"]
    assert names["pages"] == [b"not allowed", b"/admin", b"/my/mail"]
    # Repaired.
    assert names["repaired"] == [b"403 Forbidden"]
    assert names["helped"] == [b"403 Forbidden"]
    assert names["safe"] == [b"not allowed", b"/my/mail", b""]
    assert played.truths == ["two", "the page of /admin"]


def test_three_of_four_ways_to_find_a_file_leak_the_secret():
    played = done("dots_and_their_cousins")
    names = played.names
    # The client that tidies paths hides the hole.
    assert names["tidied"].status_code == 404
    assert names["tidied"].request.path_url == "/secret.txt"
    assert names["by_hand"] == b"a secret"
    rows = {line.split()[0]: line for line in played.lines[2:6]}
    leaks = {name: row.count("SECRET") for name, row in rows.items()}
    assert leaks == {"glued": 4, "no_dots": 3, "begins": 1, "inside": 0}
    # The page itself is there for all of them.
    assert all("Welcome" in row for row in rows.values())
    said = names["flask_said"]
    assert said.pop("/notes.txt") == "SECRET"
    assert set(said.values()) == {"no secret"}
    assert not names["base"].exists()
    assert played.truths == [
        "/../secret.txt, sent as it is",
        "glued, no_dots and begins",
    ]


def test_a_blind_client_accepts_four_certificates_and_a_strict_one_one():
    played = done("four_certificates")
    names = played.names
    four = ["good", "wrong name", "self-signed", "expired"]
    assert names["accepted"] == four
    assert names["checked"] == ["good"]
    reasons = names["reasons"]
    assert list(reasons) == four
    assert "mismatch" in reasons["wrong name"]
    assert "self-signed" in reasons["self-signed"].replace("self s", "self-s")
    assert "expired" in reasons["expired"]
    # A handshake in the accepting thread stops a server that has threads.
    assert "timed out" in names["naive"]
    assert names["repaired"] == names["helped"] == 204
    assert played.truths == ["4", "good", "no"]


def test_a_call_that_blocks_the_loop_lets_all_others_wait():
    played = done("fifty_sleepers")
    took = played.names["took"]
    assert played.output.count("50 answers") == 4
    # One after the other: fifty times 20 ms at least.
    assert took["stops"] >= 0.99
    for name in ("pooled", "awaits", "threads"):
        assert took[name] < took["stops"] / 1.5, took
    assert max(played.names["most"]) > 10
    assert played.truths == ["stops"]


def test_a_stream_is_read_as_it_comes_or_all_at_its_end():
    played = done("a_stream_that_stays_open")
    names = played.names
    tracks = names["tracks"]
    # Wrong: nothing is read before all has been sent.
    assert names["lines"][0] >= 0.25
    assert len(names["lines"]) == len(names["bytewise"]) == 5
    # Repaired: the first event is read before the last one is sent.
    assert tracks["chunk_size=1"][0] < tracks["sent"][-1]
    # With ids, nothing is lost or comes twice.
    assert names["seen"] == list(range(1, 10))
    assert names["stopped"] < 2
    assert played.truths == [
        "after 250 ms, with the others",
        "with the others",
    ]


def test_websocket_frames_are_what_the_standard_says():
    played = done("a_websocket_frame_by_frame")
    names = played.names
    frame = names["frame"]
    assert len(frame) == 11
    assert frame[:2] == b"\x81\x85"
    assert names["text"] == b"hello"
    assert b"101 Switching" in names["tap"].transcript.data("to-client")
    # By hand: agreed, one message of two frames, a pong, a goodbye.
    assert names["agreed"] is True
    assert names["echo"] == b"\x81\x05hello"
    assert names["pong"] == b"\x8a\x01?"
    assert names["goodbye"] == b"\x88\x02\x03\xe8"
    assert played.truths == ["11 bytes", "hello"]


@unix
def test_a_stop_that_drains_finishes_what_is_in_flight():
    played = done("a_clean_stop")
    names = played.names
    # Wrong: the program ends, and the client gets no answer.
    assert names["wrong"] == "ConnectionError"
    assert "exit status: -15" in played.output
    # Repaired on the plain library; and what that still leaves open.
    assert names["right"] == "done"
    assert "exit status: 0" in played.output
    assert names["after_stop"] == b"ok"
    # With our server.
    assert names["answer"].result() == 200
    assert names["goodbye"] == b""
    assert names["late"] == "ConnectionError"
    assert names["server"].stuck == []
    assert played.truths == ["the end of the connection", "yes"]


@pytest.mark.parametrize("name", ["one_silent_client", "fifty_sleepers"])
def test_a_step_can_be_run_again(name):
    assert done(name).truths == done(name).truths
