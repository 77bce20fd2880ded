"""Lesson 2: each step shows what it says, measured in this run."""

import http.server
import json
import os
import re
import subprocess
import threading
from ast import literal_eval
from dataclasses import dataclass
from functools import cache

import pytest
from course_help import Notes, play_step, python

from netbasics.course import Number, events, locate
from netbasics.course.engine import run_step

LESSON = locate.load(locate.find("02"))
COURSE = LESSON.steps
STEPS = [step.name for step in COURSE]


@dataclass
class Played:
    """What a step printed, what it left, what it said to its questions."""

    output: str
    names: dict[str, object]
    truths: list[str]


@cache
def play(name: str) -> Played:
    """Play a step, once for all tests that look at it."""
    (step,) = [step for step in COURSE if step.name == name]
    notes = Notes()
    ended = run_step(LESSON, step, notes)
    assert notes.only(events.Failed) == []
    assert ended.outcome == "done"
    assert notes.output("stderr") == ""
    truths = [each.verdict.truth for each in notes.only(events.Answered)]
    return Played(notes.output(), ended.names, truths)


# What the replies of the questions take for granted. Numbers are measured;
# how large they may be is tested with the steps.
TRUTHS = {
    "by_hand": ["lines of text, and then the data", "wait for more"],
    "the_standard_library": ["False", "no", "it can be read from the error"],
    "with_requests": ["KeyError: 'name'", "204 and 302"],
    "as_the_textbooks_print_it": ["this one", "at once"],
    "a_field_of_a_document": [
        "an object with fields of its own",
        "an error",
    ],
    "parameters_and_headers": [
        "another term, and no page",
        "several, and one says that it is requests",
        "Bearer and the token",
    ],
    "sending": ["the third", "refuse"],
    "always_a_timeout": ["never by itself"],
    "when_it_fails": [
        "the server cannot be reached",
        "Exception",
        "never",
        "RequestException",
    ],
    "a_redirect": ["go there, and return what it finds", "no", "31 requests"],
    "a_session": ["nobody is signed in", "that of the session", "5 and 1"],
    "https": ["no", "the request, with the secret"],
    "what_an_observer_sees": ["the name localhost", "yes, by counting bytes"],
    "a_timeout_is_no_deadline": ["... s", "later"],
    "what_the_library_hides": [
        "what `content` has",
        "packed bytes",
        "each piece says how long it is",
        "together with the last one",
    ],
    "short_and_no_error": ["no error, and half of a file", "yes", "an error"],
    "next_door": ["yes", "that is sent on", "a GET without the form"],
    "five_gets": ["5", "..."],
    "not_modified": [
        "raise an error",
        "the first lets it pass, the second raises",
    ],
    "charged_twice": ["3", "yes", "10 euros", "5 euros"],
    "died_while_idle": ["no answer", "no"],
    "cookies_ignore_ports": ["yes", "we are signed out of the first"],
    "whose_proxy": [
        "the proxy",
        "session.trust_env = False",
        "the one in the environment",
    ],
}


def test_every_step_asks():
    assert list(TRUTHS) == STEPS
    for step in COURSE:
        asked = [part.question for part in step.parts if part.question]
        assert len(asked) == len(TRUTHS[step.name])


@pytest.mark.parametrize("name", STEPS)
def test_the_run_decides_as_the_replies_say(name):
    for expected, truth in zip(TRUTHS[name], play(name).truths, strict=True):
        if expected.startswith("..."):
            assert re.fullmatch(r"[\d.]+" + expected[3:], truth)
        else:
            assert truth == expected


def test_questions_are_short_and_every_answer_has_a_reply():
    for step in COURSE:
        for question in (part.question for part in step.parts):
            if question is None:
                continue
            assert len(question.text) <= 2 * 76
            assert all(len(choice) <= 70 for choice in question.choices)
            if isinstance(question, Number):
                assert all((question.right, question.low, question.high))
            else:
                assert all(question.replies.values())


def test_the_deeper_steps_come_last():
    deeper = [step.deeper for step in COURSE]
    assert deeper == [False] * 12 + [True] * 11


def after(label: str, output: str) -> list[str]:
    """Return what stands behind a label, on each line that begins with it."""
    pattern = rf"^\s*{re.escape(label)} *(.*)$"
    return re.findall(pattern, output, re.M)


def test_the_raw_response_is_lines_and_a_body():
    hand = play("by_hand")
    raw = [literal_eval(line) for line in hand.output.splitlines()[:8]]
    assert raw[0] == b"HTTP/1.1 200 OK\r\n"
    assert b"Connection: close\r\n" in raw
    assert raw[6] == b"\r\n"
    assert json.loads(raw[7])["name"] == "Ada Lovelace"


def test_the_raw_request_is_built_like_the_response():
    hand = play("by_hand")
    request, response = hand.output.split("request:\n")[1].split("response:\n")
    assert after("first line:", request) == ["b'GET /users/1 HTTP/1.1'"]
    assert after("header:", request)[0].startswith("b'Host: 127.0.0.1:")
    assert after("body:", request) == ["b''"]
    assert after("first line:", response)[0] == "b'HTTP/1.1 200 OK'"
    assert "Ada Lovelace" in after("body:", response)[0]


def test_waiting_for_the_end_waits_after_the_whole_body():
    hand = play("by_hand")
    (body,) = after("no end after", hand.output)
    assert json.loads(literal_eval(body))["id"] == 1


def test_the_length_lets_two_requests_share_a_connection():
    hand = play("by_hand")
    *_, first, second, request, response, decoded = hand.output.splitlines()
    assert [json.loads(literal_eval(b))["id"] for b in (first, second)] == [
        1,
        2,
    ]
    assert literal_eval(request).endswith(b"\r\n\r\n")
    assert b"close" not in literal_eval(request)
    length = len(literal_eval(first))
    assert response == f"<Response 200 OK, 4 headers, {length} bytes>"
    assert literal_eval(decoded)["name"] == "Ada Lovelace"


def test_json_becomes_python_objects():
    played = play("the_standard_library")
    assert after("status:", played.output) == ["200 OK"]
    assert after("type:", played.output)[0] == "application/json"
    assert after("body:", played.output)[0].startswith("bytes b'")
    assert after("user:", played.output)[0].startswith("dict of ")
    assert after("site_admin:", played.output) == ["False"]
    assert after("email:", played.output) == ["None"]


def test_urllib_refuses_text_and_sends_bytes_as_a_form():
    output = play("the_standard_library").output
    assert "should be bytes" in after("text:", output)[0]
    assert after("type:", output)[1] == "application/x-www-form-urlencoded"
    (form,) = after("form:", output)
    assert literal_eval(form) == {"user": "octocat", "note": "R&D"}


def test_urllib_raises_for_a_404_and_the_error_is_the_response():
    output = play("the_standard_library").output
    assert after("raised:", output) == ["HTTP Error 404: Not Found"]
    assert after("message:", output) == ["Not Found"]


def test_unchecked_the_error_names_the_wrong_thing_and_checked_the_right_one():
    lines = play("with_requests").output.splitlines()
    assert lines[4] == "name:    The Octocat"
    unchecked, checked = lines[5:8], lines[8:11]
    assert unchecked[0] == checked[0] == "name: The Octocat"
    assert unchecked[1] == "KeyError: 'name'"
    assert unchecked[2].startswith("JSONDecodeError: Expecting value")
    assert checked[1].startswith("404 Client Error: Not Found for url: ")
    assert checked[2].startswith("expected JSON, got text/html")


def test_a_redirect_counts_as_ok():
    lines = play("with_requests").output.splitlines()[11:]
    assert [(line.split()[0], line.split()[-1]) for line in lines] == [
        ("204", "True"),
        ("302", "True"),
        ("404", "False"),
        ("500", "False"),
    ]


def test_textbook_requests_are_answered_by_this_machine():
    played = play("as_the_textbooks_print_it")
    assert after("status:", played.output) == ["200"]
    assert after("name:", played.output) == ["The Octocat"]
    assert after("form:", played.output) == ["{'user': 'octocat'}"]
    assert played.names["reply"].url == "https://api.github.com/users/octocat"
    for name in ("api.github.com", "httpbin.org"):
        (address,) = after(f"{name} is", played.output)
        assert address.startswith("127.")


def test_other_names_fail_at_once_and_the_error_says_why():
    output = " ".join(play("as_the_textbooks_print_it").output.split())
    seconds, reason = re.findall(r"after (\d\.\d) s: (.*)", output)[0]
    assert float(seconds) < 0.6
    assert "no host 'www.python.org': this is the offline internet" in reason
    assert "api.github.com" in reason


def test_the_textbook_line_runs_in_a_script_as_well(tmp_path):
    (step,) = [s for s in COURSE if s.name == "as_the_textbooks_print_it"]
    (line,) = re.findall(r"= (requests.get\(.+\))$", step.parts[0].source, re.M)
    assert line == (
        'requests.get("https://api.github.com/users/octocat", timeout=5)'
    )
    (command,) = re.findall(r"```\nnetbasics (.+)\n```", step.parts[-1].prose)
    script = tmp_path / "script.py"
    script.write_text(f"import requests\nprint({line}.json()['name'])\n")
    done = subprocess.run(
        python("-m", "netbasics", *command.split()),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "The Octocat\n"), done.stderr


def test_get_with_a_default_hands_on_a_null_and_or_does_not():
    played = play("a_field_of_a_document")
    lines = played.output.splitlines()
    assert lines[1] == "login:   requests"
    assert "'NoneType' object has no attribute 'upper'" in lines[5]
    assert lines[7] == "Hello-World: UNKNOWN"
    assert lines[6] == lines[8] == "Spoon-Knife: HTML"
    repo = played.names["response"].json()[0]
    assert repo["language"] is None, "the step is about a null"


def test_an_f_string_asks_another_question_and_params_the_right_one():
    parameters = play("parameters_and_headers")
    (wrong,) = after("read: ", parameters.output.split("sent: /get")[0])
    right = after("read:", parameters.output)[1:]
    assert "page" not in literal_eval(wrong)
    assert literal_eval(wrong)["term"] != parameters.names["term"]
    for read in right:
        assert literal_eval(read) == {
            "term": parameters.names["term"],
            "tag": ["new", "used"],
        }
    assert len(right) == 2


def test_a_user_agent_is_sent_unasked_and_can_be_replaced():
    parameters = play("parameters_and_headers")
    (agent,) = after("User-Agent:", parameters.output)
    assert agent.startswith("python-requests/")
    assert after("with headers=:", parameters.output) == ["my-course/1.0"]


def test_a_token_works_only_behind_the_word_bearer():
    parameters = play("parameters_and_headers")
    statuses = [line[:4] for line in parameters.output.splitlines()[-3:]]
    assert statuses == ["401 ", "401 ", "200 "]


def test_only_json_that_says_so_is_accepted():
    output = play("sending").output
    assert [reply[:3] for reply in after("reply:", output)] == [
        "415",
        "415",
        "201",
    ]
    kinds = ["application/x-www-form-urlencoded", "None", "application/json"]
    assert after("type:", output) == kinds
    created = literal_eval(after("body:", output)[0])
    assert after("location:", output) == [f"/users/{created['id']}"]


def test_put_wants_the_whole_and_patch_a_part():
    lines = play("sending").output.splitlines()
    found = [line.split()[:2] for line in lines[11:16]]
    assert found == [
        ["PATCH", "200"],
        ["PUT", "422"],
        ["PUT", "200"],
        ["DELETE", "204"],
        ["GET", "404"],
    ]
    assert lines[14].rstrip() == "DELETE 204", "a 204 has no body"


def test_a_login_takes_a_form_and_gives_a_cookie():
    lines = play("sending").output.splitlines()[16:]
    assert lines[0] == "application/json"
    assert lines[1].split()[0] == "415"
    assert lines[3] == "application/x-www-form-urlencoded"
    assert lines[4].split()[0] == "200"
    assert [line.split()[-1] for line in lines if "cookies" in line] == [
        "[]",
        "['session']",
    ]


@pytest.mark.usefixtures("leaves_nothing")
def test_without_a_timeout_only_the_server_ends_the_wait():
    lines = play_step("02", "always_a_timeout").output.splitlines()
    assert lines[:2] == [
        "waiting after 0.5 s: True",
        "ended by: ConnectionError",
    ]


def test_a_timeout_ends_it_and_a_good_one_lets_slow_answers_through():
    played = play("always_a_timeout")
    (seconds,) = after("ReadTimeout after", played.output)
    assert 0.3 <= played.names["seconds"] < 0.8
    assert seconds.endswith(" s")
    assert after("timeout=0.1:", played.output)[0].startswith("too late")
    assert after("timeout=5:", played.output) == ["{'seconds': 0.3}"]


def test_the_helper_has_limits_by_default():
    output = play("always_a_timeout").output
    assert "<Session timeout=5.0 s, deadline=30.0 s," in output
    assert "not finished within 0.3 s" in output


def test_a_bare_except_says_the_same_of_both():
    failing = play("when_it_fails")
    gone, fine = failing.output.splitlines()[:2]
    assert gone.removeprefix("gone: ") == fine.removeprefix("fine: ")


def test_two_classes_have_the_same_name():
    failing = play("when_it_fails")
    assert "not caught by ConnectionError: <class 'requests." in failing.output
    assert after("the same class:", failing.output) == ["False"]


def test_the_family_explains_the_order():
    failing = play("when_it_fails")
    found = re.findall(r"^(\w+) +is also (.+)$", failing.output, re.M)
    family = {name: parents.split(", ") for name, parents in found}
    assert len(family) == 6
    for parents in family.values():
        assert parents[-1] == "RequestException"
    assert {"Timeout", "ConnectionError"} <= set(family["ConnectTimeout"])
    assert "ConnectionError" in family["SSLError"]


def test_each_cause_has_its_own_clause():
    failing = play("when_it_fails")
    assert after("gone:", failing.output)[1].startswith("no connection")
    assert after("silent:", failing.output)[0].startswith("no answer in time")
    assert after("no path:", failing.output) == ["the server says 404"]
    assert after("a page:", failing.output)[0].endswith("JSONDecodeError")
    assert after("fine:", failing.output)[1] == "Example data"


def test_the_helper_says_it_shorter():
    failing = play("when_it_fails")
    theirs, ours = failing.output.split("HTTPConnectionPool")[1].split("GET ")
    assert "Max retries exceeded" in theirs
    assert "no connection: " in ours
    assert len(ours) < len(theirs)


def test_a_redirect_is_followed_and_remembered():
    played = play("a_redirect")
    assert len(after("redirect:", played.output)) == 2
    (answered,) = after("answered:", played.output)
    assert answered.startswith("200 ")
    assert answered.endswith("/landed")


def test_an_unfollowed_redirect_is_ok_and_empty():
    output = play("a_redirect").output
    assert after("status:", output) == ["302 True"]
    assert after("body:", output) == ["b''"]


def test_a_circle_ends():
    output = play("a_redirect").output
    (limit,) = re.findall(r"TooManyRedirects: Exceeded (\d+)", output)
    assert after("requests that came:", output) == [str(int(limit) + 1)]


def test_single_calls_forget_the_cookie_and_a_session_keeps_it():
    kept = play("a_session")
    assert after("login:", kept.output)[0].startswith("200 ")
    without, with_session = after("profile:", kept.output)
    assert without.startswith("401 ")
    assert with_session == "200 {'username': 'octocat'}"
    assert after("sent:", kept.output) == ["session"]


def test_a_header_of_one_call_is_for_that_call():
    kept = play("a_session")
    assert re.findall(r"^200 (\S+/\S+)$", kept.output, re.M) == [
        "my-course/1.0",
        "a-test/2",
        "my-course/1.0",
    ]


def test_five_gets_open_five_connections_and_a_session_one():
    kept = play("a_session")
    found = re.findall(r"^(\d) connections? · ", kept.output, re.M)
    assert found == ["5", "1"]
    bars = re.findall(r"^ *(\d) +█+$", kept.output, re.M)
    assert bars == ["1", "2", "3", "4", "5"]
    tap = kept.names["tap"]
    assert len(tap.transcript.flows) == 1
    assert len(tap.transcript.exchanges()) == 5


def test_a_request_to_a_stranger_is_not_sent():
    certified = play("https")
    flat = " ".join(certified.output.split())
    assert "unable to get local issuer certificate" in flat
    assert "requests that the server saw: 0" in flat


def test_verify_false_gives_the_token_to_a_stranger():
    certified = play("https")
    assert after("status:", certified.output) == ["200"]
    assert after("warning:", certified.output) == ["InsecureRequestWarning"]
    assert after("server:", certified.output) == ["Bearer practice-token"]


def test_a_trusted_authority_repairs_it():
    certified = play("https")
    assert after("requests.get:", certified.output) == ["200"]
    assert after("our session:", certified.output) == ["200"]


def test_dates_and_names_are_checked_too():
    certified = play("https")
    expired, name = certified.output.split("GET https://")[1:]
    assert "certificate has expired" in " ".join(expired.split())
    assert "IP address mismatch" in " ".join(name.split())


def test_an_observer_reads_all_of_http_and_the_name_of_https():
    played = play("what_an_observer_sees")
    plain, encrypted = map(literal_eval, after("it read:", played.output))
    assert plain == played.names["words"]
    assert len(plain) == 4
    assert encrypted == [b"localhost"]
    (first,) = after("first bytes of the client:", played.output)
    assert literal_eval(first).startswith(b"\x16\x03")


def test_an_observer_counts_the_bytes_of_encrypted_pages():
    short, long = play("what_an_observer_sees").names["counts"]
    # The difference is that of the pages, but for the packing.
    assert 29_500 < long - short < 33_000


def test_a_timeout_and_a_clock_are_too_late_and_a_deadline_is_not():
    played = play("a_timeout_is_no_deadline")
    took = played.names["took"]
    assert took["timeout=0.5"] >= 0.95, "longer than its timeout, by far"
    assert "20 bytes and no error after" in played.output
    assert took["and a clock"] >= 0.5, "it was to be over after 0.2 s"
    for way in ("by hand", "deadline=0.2"):
        assert 0.19 <= took[way] < 0.7
        assert took[way] < took["and a clock"]
    assert "not finished within 0.2 s" in played.output
    assert "deadline=0.2 │" in played.output


def test_what_is_compressed_is_shorter_on_the_wire():
    played = play("what_the_library_hides")
    came = int(after("came:", played.output)[0].split()[0])
    content = int(after("content:", played.output)[0].split()[0])
    assert came < content
    assert after("Content-Encoding:", played.output) == ["gzip"]
    assert after("Content-Length:", played.output) == [str(came)]


def test_urllib_leaves_it_packed_and_gzip_unpacks():
    output = play("what_the_library_hides").output
    assert "can't decode byte 0x8b" in after("as it came:", output)[0]
    assert after("unpacked:", output) == ["True"]


def test_a_chunked_body_is_put_together():
    output = play("what_the_library_hides").output
    raw = literal_eval(after("came:", output)[1])
    assert raw == b"6\r\nthree\n\r\n4\r\ntwo\n\r\n4\r\none\n\r\n0\r\n\r\n"
    assert literal_eval(after("content:", output)[1]) == b"three\ntwo\none\n"
    assert after("length:", output) == ["None"]
    assert [literal_eval(b) for b in after("4 bytes:", output)] == [
        b"two\n",
        b"one\n",
    ]
    assert "\nb'three\\ntwo\\none\\n'\n" in output, "http1 agrees"


def test_only_a_stream_shows_lines_as_they_come():
    seen = play("what_the_library_hides").names["seen"]
    assert len(seen[False]) == len(seen[True]) == 3
    assert seen[False][0] >= 0.29
    assert seen[True][-1] - seen[True][0] >= 0.15
    assert seen[True][0] < seen[True][-1] * 0.75


def test_a_body_that_grows_is_refused():
    output = " ".join(play("what_the_library_hides").output.split())
    assert "is longer than the limit of 1000000 bytes" in output


def test_a_short_copy_is_no_error_until_somebody_counts():
    played = play("short_and_no_error")
    (promised,) = map(
        int, after("promised:", re.sub(" bytes", "", played.output))
    )
    (copied,) = map(int, after("copied:", re.sub(" bytes", "", played.output)))
    assert 0 < copied < promised
    assert played.names["notice"].startswith("IncompleteRead(")
    assert after("EOFError:", played.output) == [
        f"{copied} of {promised} bytes came"
    ]


def test_requests_counts_and_a_download_is_whole_or_not_there():
    played = play("short_and_no_error")
    assert played.names["kind"] == "ChunkedEncodingError"
    assert played.names["copied"] > 0
    assert "(after 2 tries)" in played.output
    assert after("files:", played.output) == ["[]"]


def test_urllib_takes_the_token_along_unless_told():
    output = play("next_door").output
    assert after("it got:", output) == ["Bearer practice-token"]
    assert after("first", output) == ["Bearer practice"]
    assert after("other", output) == ["None"]


def test_another_name_for_the_key_is_not_known_to_requests():
    output = play("next_door").output
    assert after("requests Authorization:", output) == ["None"]
    assert after("requests X-API-Key:", output) == ["practice-key"]
    assert after("ours     Authorization:", output) == ["None"]
    assert after("ours     X-API-Key:", output) == ["None"]


def test_a_post_becomes_a_get_and_looks_well():
    played = play("next_door")
    assert played.names["outcomes"] == {
        302: ("GET", False),
        303: ("GET", False),
        307: ("POST", True),
    }
    assert re.findall(r"in the end: (\d+)", played.output) == ["200"] * 3
    assert len(after("302 look at", played.output)) == 2
    assert after("requests at the other host:", played.output) == ["0"]


def test_unread_bodies_cost_a_connection_each():
    played = play("five_gets")
    counts = played.names["counts"]
    assert counts == {"the status only": 5, "GET": 1, "HEAD": 1}
    assert after("HEAD 0 bytes; connections:", played.output) == ["1"]


def test_each_connection_costs_bytes():
    played = play("five_gets")
    sizes = played.names["sizes"]
    assert sizes["single"] > 2 * sizes["session"]
    assert f"{sizes['single']:,} bytes" in played.output


def test_a_304_is_raised_by_urllib_and_empty_in_requests():
    played = play("not_modified")
    assert played.names["status"] == 304
    assert after("raised:", played.output) == ["304 Not Modified b''"]
    assert after("status:", played.output) == ["304 True b''"]
    assert len(after("JSONDecodeError:", played.output)) == 1


def test_what_was_kept_is_used_at_a_304():
    lines = play("not_modified").output.splitlines()[-3:]
    assert [line.split()[:2] for line in lines] == [
        ["200", "79"],
        ["304", "0"],
        ["304", "0"],
    ]
    assert all(line.endswith(" bytes Example data") for line in lines)


def test_a_retry_gets_there():
    played = play("charged_twice")
    assert after("in the end:", played.output) == ["200"]
    (moments,) = played.names["moments"].values()
    assert len(moments) == 3
    assert moments[2] - moments[1] > moments[1] - moments[0]


def test_a_lost_reply_is_charged_twice_and_with_a_key_once():
    output = play("charged_twice").output
    lost, again, with_key = re.findall(r"^paid: (\d+) euros$", output, re.M)
    assert (lost, again, with_key) == ("5", "10", "5")
    assert after("201 after", output) == ["2 tries"] * 3


def test_our_helper_repeats_a_post_only_with_a_key():
    output = play("charged_twice").output
    assert re.findall(r"requests: (\d) paid: (\d+)", output) == [
        ("1", "5"),
        ("2", "5"),
    ]
    assert "closed the connection after 0 bytes" in output


def test_a_kept_connection_had_ended_and_a_session_looks():
    played = play("died_while_idle")
    assert after("then:", played.output) == ["b''"]
    assert after("again:", played.output) == [played.names["failure"]]
    assert "closed connection without response" in played.names["failure"]
    assert after("connections:", played.output) == ["2"]


def test_to_look_is_not_enough_and_to_ask_again_is():
    played = play("died_while_idle")
    assert played.names["kind"] == "ConnectionError"
    ok = "{'status': 'ok'}"
    assert after("requests", played.output) == [f"{ok} 1", f"{ok} 2"]
    assert after("ours", played.output) == [f"{ok} 1", f"{ok} 2"]


def test_a_cookie_goes_to_every_port_and_not_to_another_name():
    played = play("cookies_ignore_ports")
    assert after("it was sent:", played.output) == ["session"]
    (asked,) = after("asked:", played.output)
    assert asked not in after("signed in at:", played.output)
    assert after("at localhost, it was sent:", played.output) == ["{}"]


def test_one_session_loses_the_login_and_two_keep_it():
    output = play("cookies_ignore_ports").output
    assert after("profile:", output) == ["401 Unauthorized"]
    assert after("a session each, profile:", output) == ["200"]


def test_the_proxy_of_the_environment_gets_url_and_token():
    played = play("whose_proxy")
    (asked,) = after("asked:", played.output)
    assert after("to proxy:", played.output) == [
        f"{asked} Bearer practice-token"
    ]
    assert after("answer:", played.output) == ['{"status": "ok"}']


def test_what_keeps_off_the_proxy():
    played = play("whose_proxy")
    assert played.names["direct"] == {"proxies": False, "trust_env": True}
    assert after("our helper, seen by the proxy:", played.output) == ["0"]
    assert after("with no_proxy, seen by it:", played.output) == ["0"]


def test_the_environment_beats_the_authority_of_a_session():
    played = play("whose_proxy")
    assert after("refused:", played.output)
    assert after("our session:", played.output) == ["200"]


def test_the_environment_is_left_as_it_was():
    before = dict(os.environ)
    play_step("02", "whose_proxy")
    assert dict(os.environ) == before


@pytest.mark.usefixtures("leaves_nothing")
@pytest.mark.parametrize("name", [s.name for s in COURSE if s.deeper])
def test_a_deeper_step_runs_again_and_leaves_nothing(name):
    assert play_step("02", name).outcome == "done"


@pytest.mark.parametrize("name", STEPS)
def test_the_lines_fit(name):
    output = play(name).output
    assert output
    for line in output.splitlines():
        assert len(line) <= 76, line


@pytest.mark.usefixtures("leaves_nothing")
def test_the_two_files_of_the_first_step_work(monkeypatch, tmp_path, capsys):
    (step, *_) = COURSE
    text = step.parts[-1].prose
    server, client = re.search(r"```\n(.+?)```", text, re.S)[1].split("\n\n")
    threads = []

    def serve_one(self):
        def run():
            with self:
                self.handle_request()

        self.timeout = 10
        threads.append(threading.Thread(target=run, name=str(self.server_port)))
        threads[0].start()

    monkeypatch.setattr(http.server.HTTPServer, "serve_forever", serve_one)
    monkeypatch.chdir(tmp_path)
    exec(server.replace("8000", "0"), {})
    exec(client.replace("8000", threads[0].name), {})
    threads[0].join()
    printed = capsys.readouterr()
    assert "Directory listing" in printed.out
    assert '"GET / HTTP/1.1" 200' in printed.err
