"""Lesson 5: each step shows what it says, measured in this run."""

import os
import re
import threading
from ast import literal_eval
from functools import cache

import flask
import pytest
import requests
from course_help import Notes, Played, play_step

from netbasics import playground, servers
from netbasics.course import events, locate
from netbasics.course.engine import run_step

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
    "an_error_with_status_200",
    "rows_move",
    "five_a_second_from_ten_threads",
    "retry_after_in_both_forms",
    "stampede",
    "a_signature_is_over_bytes",
    "an_idempotency_key",
    "gather_a_thousand",
]
CORE = 11


truths: dict[str, dict[int, str]] = {}


def run(name: str) -> tuple[Played, dict[int, str]]:
    """Run a step: what it did, and what it said to each of its questions."""
    lesson = locate.load(locate.find("05"))
    notes = Notes()
    ended = run_step(lesson, lesson.steps[STEPS.index(name)], notes)
    failures = [event.traceback for event in notes.only(events.Failed)]
    errors = notes.output("stderr") + "".join(failures)
    played = Played(ended.outcome, notes.output(), errors, ended.names)
    answered = notes.only(events.Answered)
    return played, {a.question.part: a.verdict.truth for a in answered}


@cache
def play(name: str) -> Played:
    before = {thread for thread in threading.enumerate() if not thread.daemon}
    environment = dict(os.environ)
    played, truths[name] = run(name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    assert dict(os.environ) == environment
    left = [t for t in threading.enumerate() if not t.daemon and t.is_alive()]
    assert set(left) <= before
    return played


def lines_of(name: str) -> list[str]:
    return play(name).output.splitlines()


def test_these_are_the_steps():
    steps = locate.load(locate.find("05")).steps
    assert [step.name for step in steps] == STEPS
    assert [step.deeper for step in steps] == [
        number > CORE for number in range(1, len(STEPS) + 1)
    ]


# What each question's replies take for granted, by the part before which it is
# asked. A set has what a run may decide either way on a busy machine.
TRUTHS = {
    "one_user": {2: "404", 3: "nothing: it is refused", 5: "405"},
    "base_and_endpoint": {2: "4"},
    "a_client_class": {2: "nowhere"},
    "where_a_key_turns_up": {2: "both logs", 4: "all of it"},
    "the_key_stays_hidden": {4: "yes"},
    "all_pages": {
        1: "20",
        4: "only until_not_found",
        8: "the same two, again and again",
    },
    "five_a_second": {
        1: "429",
        3: "fewer than five",
        5: {"no", "yes, the last"},
    },
    "two_coroutines": {
        1: "nothing",
        3: "maps: it is quicker",
        4: "weather",
    },
    "many_at_once": {4: "only with_gather"},
    "how_much_it_brings": {3: {"aiohttp", "about the same", "twenty threads"}},
    "to_a_real_service": {2: "only whom we asked", 3: "one less"},
    "an_error_with_status_200": {2: "five cities, then the word error"},
    "rows_move": {3: "7, 6, 5", 4: "6"},
    "five_a_second_from_ten_threads": {
        3: {"after about 0.2 s", "after about 1 s"}
    },
    "retry_after_in_both_forms": {2: "ValueError", 5: "raise an error at once"},
    "stampede": {
        4: {"all in one moment", "spread out over the pause"},
        6: {"fewer", "as many", "more"},
    },
    "a_signature_is_over_bytes": {4: "401, wrong signature"},
    "an_idempotency_key": {3: "2", 4: "2"},
    "gather_a_thousand": {3: {"more than half", "less than half"}, 5: "0"},
}


@pytest.mark.parametrize("name", STEPS)
def test_the_run_decides_each_question_as_its_replies_say(name):
    play(name)
    assert list(truths[name]) == list(TRUTHS[name])
    for part, truth in truths[name].items():
        wanted = TRUTHS[name][part]
        assert truth in (wanted if isinstance(wanted, set) else {wanted})


def test_questions_fit_on_the_screen():
    for step in locate.load(locate.find("05")).steps:
        for part in step.parts:
            if part.question:
                for line in (part.question.text, *part.question.choices):
                    assert len(line) <= 70, line
                # Choices are shown as they are, not as Markdown.
                assert "`" not in "".join(part.question.choices)


@pytest.mark.parametrize(
    ("name", "part", "usual"),
    [
        ("five_a_second", 5, "no"),
        ("five_a_second_from_ten_threads", 3, "after about 0.2 s"),
        ("stampede", 4, "all in one moment"),
        ("stampede", 6, "fewer"),
        ("gather_a_thousand", 3, "more than half"),
    ],
)
def test_what_a_busy_machine_may_spoil_is_as_usual(name, part, usual):
    seen = []
    for _ in range(6):
        seen.append(run(name)[1][part])
        if seen[-1] == usual:
            return
    pytest.fail(f"never {usual!r}: {seen}")


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
    assert lines[:2] == ["outside: False", "inside:  True"]
    assert re.fullmatch(r"Client\(base_url='http://127.0.0.1:\d+'\)", lines[2])
    assert lines[3] == "{'message': 'You have the token.'}"
    found = re.match(r"(\d+) of (\d+) lines show the key, in", lines[4])
    assert int(found[1]) > 0
    assert "headers" in lines[5].split(", ")


def test_the_helper_keeps_the_key_out_of_the_report():
    played = play("the_key_stays_hidden")
    lines = played.output.splitlines()
    assert re.fullmatch(r"<APIClient .+, key hidden, 0 sent>", lines[6])
    found = re.match(r"(\d+) of (\d+) lines show the key$", lines[7])
    assert int(found[1]) == 0
    assert int(found[2]) > 10, "the report has no local variables"
    assert "no connection" in lines[8]
    assert played.names["hidden"] == []


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
    for _ in range(6):  # on a busy machine calls come late, and so too close
        outputs.append(play_step("05", "five_a_second").output)
        if re.search("^200 200 200 200$", outputs[-1], re.M):
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
    assert "sequence 300" not in took
    assert took["threads 30"] < took["sequence 30"]
    assert took["aiohttp 30"] < took["sequence 30"]
    assert took["aiohttp 300"] < 10 * took["sequence 30"] / 2
    *bars, guess = played.output.splitlines()
    assert [line.split()[:2] for line in bars] == [n.split() for n in took]
    lengths = [len(line) for line in bars]
    assert (
        max(lengths) == lengths[list(took.values()).index(max(took.values()))]
    )
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


def test_a_loop_over_pages_takes_an_error_for_data():
    played = play("an_error_with_status_200")
    found = played.names["found"]
    assert found[:5] == ["Oslo", "Rome", "Lima", "Cairo", "Quito"]
    assert set(found[5:]) == {"error"}
    assert "requests: 20\n" in played.output, "the bound ended it"


def test_a_look_at_the_shape_ends_the_loop():
    played = play("an_error_with_status_200")
    plain, helper = played.names["refusals"]
    assert str(plain) == "page 4 is no list: {'error': 'no such page'}"
    assert "no list in 'items'" in str(helper)
    lines = played.output.splitlines()
    assert lines.count("Oslo Rome Lima Cairo Quito ...") == 2


def test_with_page_numbers_a_row_comes_twice_and_one_is_missing():
    lines = lines_of("rows_move")
    assert lines[:5] == [
        "[9, 8, 7]",
        "[7, 6, 5]",
        "[4, 3, 2]",
        "[1]",
        "twice: 7",
    ]
    assert lines[5:9] == ["[9, 8, 7]", "[5, 4, 3]", "[2, 1]", "missing: 6"]


def test_with_a_cursor_each_row_comes_once():
    played = play("rows_move")
    assert played.names["orders"] == [list(range(9, 0, -1))] * 3
    assert played.names["news"] == [10, *range(8, 0, -1)], "nothing moved"


def test_last_call_and_interval_lets_ten_threads_through_at_once():
    spans = []
    for _ in range(5):
        played = play_step("05", "five_a_second_from_ten_threads")
        assert played.outcome == "done", played.errors
        names = played.names
        # Right for one thread: two calls, 0.2 s apart and no less.
        calls = re.findall(r"^call \d: ([\d.]+) s", played.output, re.M)
        assert float(calls[1]) - float(calls[0]) >= 0.19
        # The server takes five in a second; which of them is up to it.
        spans.append(
            (names["times"][-1] - names["times"][0], names["statuses"])
        )
        if spans[-1][0] < 0.3 and spans[-1][1].count(429) >= 4:
            return
    pytest.fail(f"ten threads kept to the limit: {spans}")


def test_a_plan_under_a_lock_and_the_limiter_keep_ten_threads_apart():
    played = play("five_a_second_from_ten_threads")
    tracks = played.names["tracks"]
    assert list(tracks) == ["LastCall", "Planned", "RateLimiter"]
    for name in ("Planned", "RateLimiter"):
        assert len(tracks[name]) == 10
        assert max(tracks[name]) - min(tracks[name]) >= 8 / 30
    assert "thirty" not in played.output
    assert "RateLimiter" in str(played.names["chart"])


def test_who_comes_straight_back_is_refused_in_both_forms():
    lines = lines_of("retry_after_in_both_forms")[:6]
    assert all(": 429 Retry-After: " in line for line in lines)
    values = [line.partition("Retry-After: ")[2] for line in lines]
    assert [value.isdecimal() for value in values] == [True] * 3 + [False] * 3
    assert values[3].endswith(" GMT")


def test_int_reads_one_form_and_the_repaired_ways_both():
    played = play("retry_after_in_both_forms")
    assert "to wait: 1\nto wait: ValueError(" in played.output
    seven, soon, past = played.names["waits"].values()
    assert seven == (7.0, 7.0)
    assert past == (0.0, 0.0)
    # The header has whole seconds; between the two readings some time passes.
    assert all(60 < wait <= 90 for wait in soon)
    assert abs(soon[0] - soon[1]) < 5


def test_the_client_waits_for_a_date_and_not_for_an_hour():
    played = play("retry_after_in_both_forms")
    assert "{'status': 'ok'} after 2 requests" in played.output
    assert played.names["refusal"].status == 429
    assert 3590 <= played.names["refusal"].retry_after <= 3600
    assert played.names["hour"].attempts == 1
    assert played.names["took"] < 10


def test_equal_pauses_bring_waves_and_random_ones_do_not():
    seen = []
    for _ in range(6):
        played = play_step("05", "stampede")
        assert played.outcome == "done", played.errors
        equal, jittered = played.names["equal"], played.names["jittered"]
        apart = re.findall(r"second tries: ([\d.]+) s", played.output)
        seen.append((equal, jittered, *map(float, apart)))
        served = [len(tries) for tries in played.names["tries"]]
        assert sum(served) == equal
        # Two of eight, then two of six: so it is where nothing disturbs.
        if equal == 20 and jittered < 20 and seen[-1][3] > 4 * seen[-1][2]:
            return
    pytest.fail(f"random pauses brought nothing: {seen}")


def test_the_helper_has_jitter_and_serves_all():
    *_, statuses, _, one, other = lines_of("stampede")
    assert literal_eval(statuses) == [200] * 8
    assert one.split()[-6:] != other.split()[-6:]


def test_a_signature_over_the_decoded_data_refuses_what_is_genuine():
    lines = lines_of("a_signature_is_over_bytes")
    assert lines[0] != lines[1], "another amount, the same signature"
    assert lines[2] == "401 wrong signature"
    came, compared = (
        literal_eval(line.split(": ", 1)[1]) for line in lines[3:5]
    )
    assert came != compared
    assert lines[5:7] == ["same data:  True", "same bytes: False"]


def test_a_signature_over_the_bytes_refuses_only_what_was_altered():
    played = play("a_signature_is_over_bytes")
    assert played.names["answers"] == [200, 401, 401, 200]
    assert [what for what, *_ in played.names["letters"]] == [
        "as it was sent",
        "altered",
        "without signature",
        "sent once more",
    ]


def test_a_lost_answer_is_charged_twice_without_a_lasting_key():
    lines = lines_of("an_idempotency_key")
    twice = ["1 ConnectionError", "2 {'charge': 2}", "charged: [12, 12]"]
    assert lines[:6] == twice * 2, "without a key, and with a new one each time"


def test_a_key_for_the_payment_charges_once():
    lines = lines_of("an_idempotency_key")
    assert lines[6:9] == [
        "1 ConnectionError",
        "2 {'charge': 1}",
        "charged: [12]",
    ]


def test_the_helper_repeats_a_post_only_with_a_key():
    lines = lines_of("an_idempotency_key")[9:]
    assert lines[0].startswith("Unreachable: ")
    assert [line for line in lines if "so far" in line] == [
        "charged: [12] requests so far: 1",
        "charged: [12] requests so far: 3",
    ]
    assert lines[-1] == "422 charged: [12]", "another payment under an old key"


def test_a_bound_ends_the_refusals_of_a_thousand():
    played = play("gather_a_thousand")
    crowd, calm = played.names["crowd"], played.names["calm"]
    assert sum(crowd.values()) == 1000
    assert crowd[503] > 0
    assert crowd[200] > 0
    assert calm == {200: 1000}
    assert "most at once: 25\n" in played.output


def test_one_failure_loses_all_and_with_the_repair_itself_only():
    played = play("gather_a_thousand")
    assert "404 Not Found\n0 results\n" in played.output
    assert played.names["results"] == []
    for outcomes in (played.names["kept"], played.names["ours"]):
        failed = [n for n, o in enumerate(outcomes) if isinstance(o, Exception)]
        assert (len(outcomes), failed) == (25, [20])
    assert played.output.count("24 results") == 2


def test_each_step_can_be_run_again_in_the_same_process():
    for name in STEPS[CORE:]:
        play(name)
        assert play_step("05", name).outcome == "done", name


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
