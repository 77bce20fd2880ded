"""Lesson 3 shows in each run what it says."""

from functools import partial

from course_help import play_step

play = partial(play_step, "03")


def done(name):
    played = play(name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    return played


def test_a_handler_answers_every_path_but_not_every_method():
    lines = done("with_the_standard_library").output.splitlines()
    assert lines[0].startswith("200 text/html")
    assert "You asked for /no/such/page" in lines[1]
    assert lines[2].startswith("DELETE: 501")


def test_a_body_is_read_by_its_length():
    assert done("reading_a_body").output == "200 {'sum': 42}\n"


def test_both_traps_catch_and_are_repaired():
    lines = done("two_traps").output.splitlines()
    # The reply was sent, and the client still waited until its timeout.
    assert float(lines[0].split()[2]) >= 0.5
    assert "timed out" in lines[1]
    chunked = lines.index("client: 500 Internal Server Error")
    after = lines[chunked + 1 :]
    assert after[0].startswith("server: TypeError(")
    assert after[1] == "200 OK b'HELLO'"
    assert after[2].startswith("411 ")
    assert after[3].startswith("413 ")


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
    lines = done("flask_routes").output.splitlines()
    assert [line[:3] for line in lines[:3]] == ["200", "200", "404"]
    assert "application/json" in lines[1]
    assert lines[3].startswith("201 /books/1 ")
    assert lines[4].startswith("400 None ")
    assert lines[5].startswith("415 ")
    assert lines[6] == "all books: [{'id': 1, 'title': 'Momo'}]"


def test_only_debug_mode_shows_the_secret():
    normal, debug = done("never_debug_in_public").output.splitlines()
    assert normal.startswith("normal")
    assert normal.endswith("the secret is in it: False")
    assert debug.endswith("the secret is in it: True")


def test_fastapi_refuses_what_does_not_fit():
    lines = done("fastapi_types").output.splitlines()
    assert [line[:3] for line in lines[:4]] == ["200", "422", "201", "422"]
    assert lines[4] == "['body', 'pages'] - Field required"


def test_only_the_plain_page_needs_other_machines():
    played = done("a_page_to_try_it")
    plain, offline = played.output.splitlines()[:2]
    assert int(plain.split()[1]) > 0
    assert offline.split()[1] == "0"
    assert "'title': 'Books'" in played.output


def test_three_apis_agree_and_differ_where_nothing_is_agreed():
    played = done("the_same_api_three_times")
    lines = played.output.splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:5]] == ["True"] * 5
    assert [line.split()[2] for line in lines[:5]] == [
        "200",
        "201",
        "422",
        "422",
        "200",
    ]
    assert "HEAD instead of GET                [405, 200, 405]" in lines
    slash = next(line for line in lines if line.startswith("a slash at"))
    assert len(set(slash.partition("[")[2].strip("]").split(", "))) > 1


def test_memory_forgets_and_a_file_does_not():
    lines = done("where_data_lives").output.splitlines()
    assert lines[0] == "start 1: Ada L. is there: False"
    assert lines[2] == "start 2: Ada L. is there: False"
    assert lines[4] == "['Grace', \"Robert'); DROP TABLE users; --\"]"
    assert lines[5].startswith("Flask:   201 /users/")
    assert lines[6].startswith("FastAPI: 200 ")
    assert "Ada L." in lines[6]
