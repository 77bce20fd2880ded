"""Lesson 5: each step shows what it says, measured in this run."""

import os
import re
import threading
from ast import literal_eval
from functools import cache

import flask
import pytest
import requests
from course_help import Played, play_step

from netbasics import playground, servers
from netbasics.course import locate

STEPS = [
    "one_user",
    "base_and_endpoint",
    "a_client_class",
    "where_a_key_turns_up",
    "the_key_stays_hidden",
    "all_pages",
    "five_a_second",
    "two_coroutines",
    "many_at_once",
    "how_much_it_brings",
    "to_a_real_service",
]


@cache
def play(name: str) -> Played:
    before = {thread for thread in threading.enumerate() if not thread.daemon}
    environment = dict(os.environ)
    played = play_step("05", name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    assert dict(os.environ) == environment
    left = [t for t in threading.enumerate() if not t.daemon and t.is_alive()]
    assert set(left) <= before
    return played


def lines_of(name: str) -> list[str]:
    return play(name).output.splitlines()


def test_these_are_the_steps():
    lesson = locate.load(locate.find("05"))
    assert [step.name for step in lesson.steps] == STEPS


@pytest.mark.parametrize("name", STEPS)
def test_the_lines_fit(name):
    for line in lines_of(name):
        assert len(line) <= 76, line


def test_a_user_lives_from_post_to_delete():
    lines = lines_of("one_user")
    assert [tuple(line.split()[:3]) for line in lines[:6]] == [
        ("POST", "/users", "201"),
        ("GET", "/users/6", "200"),
        ("PUT", "/users/6", "200"),
        ("PATCH", "/users/6", "200"),
        ("DELETE", "/users/6", "204"),
        ("GET", "/users/6", "404"),
    ]
    assert "wu@example.com" in lines[3]
    assert "Lin Wu" in lines[3], "PATCH kept what PUT had written"
    assert lines[4].endswith("204 ")


def test_put_wants_the_whole_user_and_patch_a_part():
    patch, put = lines_of("one_user")[6:8]
    assert patch.startswith("PATCH 200 ")
    assert '"email":"ada@example.com"' in patch
    assert '"name":"Ada L."' in patch
    assert put.startswith("PUT   422 ")
    assert '"email":"is missing"' in put


def test_each_refusal_has_its_status():
    refused = lines_of("one_user")[8:]
    assert [line.split()[2] for line in refused] == ["404", "422", "409", "405"]


def test_no_tempting_way_survives_all_spellings():
    table = [line.split("|")[1:] for line in lines_of("base_and_endpoint")[:4]]
    for way in zip(*table, strict=True):
        statuses = [cell.split()[0] for cell in way]
        assert "200" in statuses, "never right, so it tempts nobody"
        assert "404" in statuses, f"this way is right: {way}"


def test_the_repaired_ways_survive_all_spellings():
    repaired = lines_of("base_and_endpoint")[4:]
    assert [line.split()[-2:] for line in repaired] == [["200", "200"]] * 4


def test_the_first_client_takes_a_refusal_for_data():
    private, first, created, got = lines_of("a_client_class")[:4]
    assert "You have the token." in private, "the key was sent"
    assert len(literal_eval(first)) == 1, "the parameter was sent"
    assert created == "created: None None"
    assert literal_eval(got)["status"] == "404"


def test_the_checked_client_raises_and_survives_an_empty_answer():
    nothing, error, errors = lines_of("a_client_class")[4:7]
    assert nothing == "None"
    assert error.startswith("422 Client Error")
    assert "missing" not in error, "then no look into the answer is needed"
    assert literal_eval(errors) == [{"field": "email", "message": "is missing"}]


def test_the_helper_says_why():
    users, nothing, status, *message = lines_of("a_client_class")[7:]
    assert len(literal_eval(users)) == 1
    assert nothing == "None"
    assert status == "422"
    assert "email: is missing" in " ".join(line.strip() for line in message)


def test_a_key_in_the_url_is_in_both_logs():
    server, *client, log = lines_of("where_a_key_turns_up")
    assert server.startswith("server's log: GET /weather?")
    assert "made-up-key-123" in server
    assert client[0].startswith("client's log: ")
    assert "made-up-key-123" in " ".join(client)
    assert log.startswith("no answer: Client(")
    assert "api_key='made-up-key-123'" in log


def test_the_environment_keeps_the_key_out_of_the_repr_only():
    lines = lines_of("the_key_stays_hidden")
    assert lines[:2] == ["inside:  True", "outside: False"]
    assert re.fullmatch(r"Client\(base_url='http://127.0.0.1:\d+'\)", lines[2])
    assert lines[3] == "{'message': 'You have the token.'}"
    found = re.match(r"(\d+) of (\d+) lines show the key, in", lines[4])
    assert int(found[1]) > 0
    assert "headers" in lines[5].split(", ")


def test_the_helper_keeps_the_key_out_of_the_report():
    played = play("the_key_stays_hidden")
    lines = played.output.splitlines()
    assert re.fullmatch(r"<APIClient .+, key hidden, 0 sent>", lines[6])
    found = re.match(r"(\d+) of (\d+) lines show the key; the error", lines[7])
    assert int(found[1]) == 0
    assert int(found[2]) > 10, "the report has no local variables"
    assert "no connection" in lines[8]
    assert played.names["found"] == []


def test_a_forgotten_variable_is_named():
    *_, key, missing, more, last = lines_of("the_key_stays_hidden")
    assert key == "KeyError: 'SHOP_KEY'"
    assert missing.startswith("MissingVariable: SHOP_URL and SHOP_KEY are not")
    assert "export SHOP_URL=" in more + last


def test_one_request_is_not_all_users():
    first, _, link = lines_of("all_pages")[:3]
    assert first.startswith("20 users")
    assert 'rel="next"' in link


def test_one_loop_stops_too_early_and_one_never():
    early, served, page, never, all_served = lines_of("all_pages")[3:8]
    assert early == "until_not_full: 20 users"
    assert "(1 served)" in served
    assert page == "page 40: 200 []"
    assert never == "until_not_found: 25 users"
    assert "(40 served)" in all_served


def test_until_an_empty_page_and_no_further_than_asked():
    everything, three, *helper = lines_of("all_pages")[8:13]
    assert everything.startswith("25 users;")
    assert "(4 served)" in everything
    assert three.startswith("3 users;")
    assert "(1 served)" in three
    found = [re.match(r"(\w+) +25 users; .+ (\d) sent>", h) for h in helper]
    assert [match.groups() for match in found] == [
        ("page", "4"),
        ("link", "3"),
        ("cursor", "3"),
    ]


def test_the_helper_notices_a_list_without_pages():
    repeated, *refusal = lines_of("all_pages")[13:]
    names = literal_eval(repeated.removesuffix(" ..."))
    assert names[:2] == names[2:]
    refused = " ".join(line.strip() for line in refusal)
    assert "the same 2 items came before" in refused


def test_more_than_the_limit_is_refused():
    lines = lines_of("five_a_second")[:9]
    statuses = [re.match(r"\d: (\d+),", line)[1] for line in lines]
    assert statuses == ["200"] * 6 + ["429"] * 3
    assert [line.endswith("wait: None") for line in lines] == (
        [True] * 6 + [False] * 3
    )


def test_a_pause_is_too_slow_and_a_plan_is_not():
    rates = []
    for _ in range(3):  # a machine that is busy elsewhere may spoil one run
        output = play_step("05", "five_a_second").output
        found = re.findall(r": (\d+\.\d) a second", output)
        paused, planned, limited = map(float, found)
        # Nothing makes them faster than that.
        assert paused <= 3.4
        assert planned <= 5.1
        assert limited <= 5.1
        rates.append((paused, planned, limited))
        if paused + 0.5 < planned and paused + 0.5 < limited:
            return
    pytest.fail(f"no plan was faster than the pause: {rates}")


def test_nobody_is_refused_below_the_limit():
    outputs = []
    for _ in range(3):  # on a busy machine calls come late, and so too close
        outputs.append(play_step("05", "five_a_second").output)
        if re.search(r"^(200 ){4}$", outputs[-1], re.M):
            return
    pytest.fail("\n".join(outputs))


def test_without_the_limiter_the_last_of_the_four_is_refused():
    (step,) = [
        step
        for step in locate.load(locate.find("05")).steps
        if step.name == "five_a_second"
    ]
    (query,) = re.findall(r"/(limited\?\S+)\"", step.parts[-2].source)
    with playground.run() as play, requests.Session() as session:
        url = f"{play.textbook}/{query}"
        statuses = [session.get(url, timeout=5).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


ONE_AFTER_THE_OTHER = [
    "weather is asked",
    "weather has answered",
    "maps is asked",
    "maps has answered",
]
TOGETHER = [
    "weather is asked",
    "maps is asked",
    "maps has answered",
    "weather has answered",
]


def test_a_call_makes_a_coroutine_and_runs_nothing():
    assert lines_of("two_coroutines")[:4] == [
        "type: coroutine",
        "  weather is asked",
        "  weather has answered",
        "result: weather",
    ]


def test_gather_runs_two_and_a_plain_sleep_stops_it():
    lines = [line.strip() for line in lines_of("two_coroutines")[4:]]
    assert lines[0] == "one_after_the_other:"
    assert lines[1:5] == ONE_AFTER_THE_OTHER
    assert lines[6] == "together:"
    assert lines[7:11] == TOGETHER
    assert lines[12:16] == ONE_AFTER_THE_OTHER, "time.sleep let others run"
    sequence, _, blocked = (
        float(lines[at].removesuffix(" s")) for at in (5, 11, 16)
    )
    assert sequence >= 0.14
    assert blocked >= 0.14
    assert lines[17].startswith("two waits of 0.1 s: ")


def test_a_loop_is_one_at_a_time_and_a_limit_is_kept():
    output = play("many_at_once").output
    found = re.findall(
        r"^(\w+): ([\d.]+) s\n  most at once: (\d+)\n  in order: (\w+)$",
        output,
        re.M,
    )
    most = {name: int(number) for name, _, number, _ in found}
    assert most["in_a_loop"] == 1
    assert most["with_gather"] > 5
    assert 1 < most["with_semaphore"] <= 5
    assert 1 < most["with_fetch_all"] <= 5
    assert [order for *_, order in found] == ["True"] * 4
    assert output.endswith("Result 200\nAPIError 404\n")


def test_side_by_side_is_quicker_and_the_chart_says_so():
    played = play("how_much_it_brings")
    took = played.names["took"]
    assert len(took) == 8
    assert (300, "in_sequence") not in took
    assert took[30, "in_threads"] < took[30, "in_sequence"] / 2
    assert took[30, "with_aiohttp"] < took[30, "in_sequence"] / 2
    assert took[300, "with_aiohttp"] < 10 * took[30, "in_sequence"] / 2
    *bars, guess = played.output.splitlines()
    longest = max(took.values())
    for (count, way), line in zip(took, bars, strict=True):
        assert line.split()[:2] == [str(count), way]
        signs = line.count("#")
        assert abs(signs - 40 * took[count, way] / longest) <= 1
    assert "not run" in guess


def test_the_environment_says_whom_the_program_asks():
    practice, ours, real, theirs = lines_of("to_a_real_service")[:4]
    assert re.fullmatch(r"The Octocat - requests/requests: \d+ .+", practice)
    assert real == practice, "the program did something else"
    hidden = "key hidden, 2 sent>"
    assert re.fullmatch(rf"<APIClient http://127\S+:\d+, {hidden}", ours)
    assert theirs == f"<APIClient https://api.github.com, {hidden}"


def test_the_answers_tell_the_limit_and_when_it_ends():
    *headers, wait = lines_of("to_a_real_service")[4:]
    found = [re.fullmatch(r"answer (\d): (\w+) +(\d+)", h) for h in headers]
    answers = {(number, name): int(n) for number, name, n in map(groups, found)}
    assert len(answers) == 6
    assert answers["1", "Limit"] == answers["2", "Limit"]
    assert answers["1", "Remaining"] == answers["2", "Remaining"] + 1
    assert answers["1", "Remaining"] < answers["1", "Limit"]
    assert answers["1", "Reset"] == answers["2", "Reset"]
    minutes = re.fullmatch(r"all are there again in (\d+) minutes", wait)[1]
    assert 50 <= int(minutes) <= 60


def groups(match: re.Match) -> tuple[str, ...]:
    return match.groups()


@pytest.mark.usefixtures("leaves_nothing")
def test_the_two_files_of_the_first_step_work(monkeypatch, capsys):
    step = locate.load(locate.find("05")).steps[0]
    text = step.parts[-1].prose
    server, client = re.search(r"```\n(.+?)```", text, re.S)[1].split("\n\n")
    started = []

    def run(self, port):
        assert port == 8000
        started.append(servers.serve(self).start())

    monkeypatch.setattr(flask.Flask, "run", run)
    exec(server, {})
    try:
        exec(client.replace("8000", str(started[0].port)), {})
    finally:
        started[0].stop()
    assert capsys.readouterr().out == "{'id': 1, 'name': 'Ada'}\n"
