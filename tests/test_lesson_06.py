"""Lesson 6 shows in each run what it says."""

import os
import re
import subprocess
import sys
from functools import partial

import pytest
from course_help import Played, play_step, python

from netbasics.course import locate

play = partial(play_step, "06")

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def done(name: str) -> Played:
    played = play(name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    for line in played.output.split("\n"):
        assert len(line.rpartition("\r")[2]) <= 76, line
    return played


def seconds(line: str) -> float:
    (number,) = re.findall(r"([0-9.]+) s$", line)
    return float(number)


def test_a_call_without_a_timeout_waits_and_one_with_it_ends():
    lines = done("no_timeout").output.splitlines()
    assert lines[0] == "half a second later: still waiting"
    assert lines[1] == "the server is gone:  ConnectionError"
    plain, ours = lines[2:4]
    assert plain.startswith("ReadTimeout after ")
    assert ours.startswith("TimedOut after ")
    assert seconds(plain) < 5
    assert seconds(ours) < 5
    assert re.fullmatch(r"by default: [0-9.]+ s, [0-9.]+ s in all", lines[4])


def test_one_failure_ends_the_report_until_it_is_caught():
    output = done("no_error_handling").output
    wrong, right = output.partition("ConnectionError\n")[::2]
    assert wrong.splitlines() == ["Rome  21 degrees", "the program ended: "]
    assert right.splitlines()[:3] == [
        "Rome  21 degrees",
        "Bonn  no reading: ConnectionError",
        "Oslo  -2 degrees",
    ]
    plain, ours = right.split("requests: ")[1].split("clients: ")
    assert "Max retries" in plain
    assert "no connection" in ours
    assert "tries)" in ours
    assert len(ours) < len(plain)


def test_an_error_page_made_the_milk_free():
    lines = done("an_unchecked_response").output.splitlines()
    assert lines[0] == "total: 550 cents"
    assert lines[1] == "no total: 500 the database is busy"
    assert lines[2].startswith("no total: ")
    assert "500" in " ".join(lines[2:])
    assert not any("cents" in line for line in lines[1:])


def test_open_sockets_keep_the_third_client_out():
    lines = done("an_unclosed_socket").output.splitlines()
    assert lines[:2] == ["b'ONE?'", "b'TWO?'"]
    assert lines[2].startswith("no answer; <TCPServer ")
    assert "2 open" in lines[2]
    assert lines[3:] == ["b'ONE?'", "b'TWO?'", "b'THREE?'"]


def test_a_session_needs_one_connection():
    lines = done("a_connection_for_each_request").output.splitlines()
    connections = {line.split()[0]: int(line.split()[1]) for line in lines}
    assert connections == {
        "requests.get": 20,
        "requests.Session": 1,
        "clients.session": 1,
    }


def test_the_key_was_in_the_log_and_is_there_no_more():
    output = done("url_and_key_in_the_code").output
    wrong, right = output.split("{'celsius': 21}\n")
    assert "key=sk-7311" in wrong
    lines = right.splitlines()
    assert lines[0] == "the URL:    /weather?city=Rome"
    assert lines[1] == "the header: Bearer sk-7311"
    rest = " ".join(lines[2:])
    assert "APIClient" in rest
    assert "log: " in rest
    assert "sk-7311" not in rest
    assert "WEATHER_KEY" in rest.split("log: ")[1]
    assert not [name for name in os.environ if name.startswith("WEATHER_")]


def test_what_strangers_ask_for_was_fetched_and_is_refused():
    played = done("a_url_from_somebody_else")
    lines = played.output.splitlines()
    assert "no host" in lines[0]
    assert lines[1] == "b'the password is sesame'"
    assert lines[2] == """b'{"salary": 4711}'"""
    answers = [line.split()[2::2] for line in lines[3:7]]
    assert answers == [
        ["False", "False"],
        ["False", "False"],
        ["True", "False"],
        ["True", "True"],
    ]
    assert lines[7].startswith("NotPublic: ")
    assert lines[-1] == "requests that came: 0"


def test_who_talks_to_the_dead_was_thrown_out():
    played = done("a_chat_room_in_ten_lines")
    lines = played.output.splitlines()
    assert lines[0] == r"both read: b'welcome\n' b'welcome\n'"
    assert lines[1] == r"both read: b'Ann: hello\n' b'Ann: hello\n'"
    assert lines[2] == "Ann was thrown out"
    assert lines[3].startswith("the reason: ")
    assert isinstance(played.names["server"].errors[-1], OSError)


def test_the_room_tells_who_left_and_goes_on():
    played = done("a_chat_room")
    assert played.output.splitlines() == [
        f"{who} hears: {what}"
        for hearers, what in [
            (["Ann"], "* Ann came"),
            (["Ann", "Bob"], "* Bob came"),
            (["Ann", "Bob", "Cem"], "* Cem came"),
            (["Ann", "Cem"], "* Bob left"),
            (["Ann", "Cem"], "Ann: Where is Bob?"),
        ]
        for who in hearers
    ]
    assert played.names["server"].errors == []
    assert played.names["members"] == {}


def test_half_a_file_has_the_final_name():
    played = done("half_a_file")
    lines = played.output.splitlines()
    assert lines[0] == "error: ChunkedEncodingError"
    size = int(lines[1].split()[-2])
    assert 0 < size < len(played.names["content"])
    assert lines[2] == "film.mp4 is there already, nothing to do"
    assert lines[3] == "whole: False"
    assert not played.names["path"].exists()


def test_a_download_goes_on_where_it_was_cut():
    played = done("a_download_that_resumes")
    by_hand, ours = played.output.split("whole:     True\n", 1)
    kept = [int(n) for n in re.findall(r"cut, with (\d+) bytes", by_hand)]
    assert 0 < kept[0] < kept[1] < len(played.names["content"])
    assert f"['bytes=0-', 'bytes={kept[0]}-', 'bytes={kept[1]}-']" in by_hand
    tapped, ours = re.split(r"^(?=\r)", ours, flags=re.M)
    cut, *talk = tapped.splitlines()
    on_disk = re.fullmatch(r"cut, with (\d+) bytes on the disk", cut)[1]
    assert int(on_disk) > 0
    assert talk[0] == "client: GET bytes=0-"
    assert talk[1].startswith("server: the response is cut: ")
    assert talk[-2] == f"client: GET bytes={on_disk}-"
    last = len(played.names["content"]) - 1
    rest_of_it = f"bytes {on_disk}-{last}/{last + 1}"
    assert talk[-1] == f"server: 206 Partial Content {rest_of_it}"
    bar, asked, condition, whole, *rest = ours.strip("\n").split("\n")
    states = bar.lstrip("\r").split("\r")
    assert len(states) > 3
    assert states[0].count("#") < states[-1].count("#") == 30
    assert states[-1].endswith("1,024,000 of 1,024,000")
    assert re.fullmatch(r"asked for: \[None, 'bytes=\d+-', .*\]", asked)
    assert condition.count('"1"') == 2
    assert whole == "whole:     True"
    assert rest[0].startswith("ConnectionLost: ")
    assert rest[-1] == "in the folder: []"


@pytest.fixture(scope="module")
def monitor():
    return play("a_health_monitor")


def test_one_look_is_not_enough(monitor):
    assert monitor.outcome == "done", monitor.errors
    looks = [line.split() for line in monitor.output.splitlines()[:4]]
    assert looks == [
        ["shop", "up"],
        ["search", "up"],
        ["mail", "down"],
        ["login", "down"],
    ]


def test_a_table_of_rounds_tells_them_apart(monitor):
    lines = monitor.output.splitlines()
    assert lines[4].split() == ["round", "shop", "search", "mail", "login"]
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines[5:13]]
    assert [row[0] for row in rows] == [str(n) for n in range(1, 9)]
    mail, login = ([row[column] for row in rows] for column in (3, 4))
    assert set(mail) == {"failed"}
    assert [cell == "failed" for cell in login] == [
        number % 3 == 0 for number in range(8)
    ]
    history = monitor.names["history"]
    assert min(history["search"]) >= 0.15
    assert min(history["shop"]) < 0.15
    verdicts = [line.split(": ") for line in lines[13:17]]
    assert [pair[1] for pair in verdicts[1:]] == ["slow", "down", "flapping"]
    assert verdicts[0][0] == "shop    8 of 8 checks good"


def test_a_line_has_a_sign_for_each_check(monitor):
    drawn = dict(line.split() for line in monitor.output.splitlines()[17:21])
    assert all(len(line) == 8 for line in drawn.values())
    assert drawn["mail"] == "x" * 8
    assert [sign == "x" for sign in drawn["login"]] == [
        number % 3 == 0 for number in range(8)
    ]
    assert "x" not in drawn["shop"] + drawn["search"]
    signs = monitor.names["signs"]
    assert signs[-1] in drawn["shop"] + drawn["search"]


def test_a_client_that_retries_hides_the_flapping(monitor):
    assert monitor.output.splitlines()[21:] == [
        "status 200 after 2 tries",
        "requests that came: 2",
    ]


def test_the_line_is_drawn_on_an_ascii_terminal_too():
    done = subprocess.run(
        python(locate.find("06"), "--step", "12"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shop, search = re.findall(
        r"^  \| (?:shop|search) +([_.:=+*#-]{8})$",
        done.stdout.decode("ascii"),
        re.M,
    )
    assert "#" in shop + search


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """room.py and guest.py, put together as step 9 says; a free port."""
    folder = tmp_path_factory.mktemp("chat")
    (step,) = [
        step
        for step in locate.load(locate.find("06")).steps
        if step.name == "a_chat_room"
    ]
    last = step.parts[-1].prose
    imports = re.search(r"with `(import [^`]+)`", last)[1]
    below, guest = re.findall(r"```\n(.+?)```", last, re.S)
    parts = [part.source for part in step.parts[:2]]
    assert "8000" in below
    below = below.replace("8000", "0").replace(
        "    while True:",
        "    print(room.getsockname()[1], flush=True)\n    while True:",
    )
    room = folder / "room.py"
    room.write_text("\n\n".join([imports, *parts, below]), "utf-8")
    (folder / "guest.py").write_text(guest, "utf-8")
    return folder


def start(path, *arguments):
    return subprocess.Popen(
        [sys.executable, path, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_two_files_are_a_chat_room(files):
    with start(files / "room.py") as room:
        try:
            port = room.stdout.readline().strip()
            guest = files / f"guest_{port}.py"
            text = (files / "guest.py").read_text("utf-8")
            assert "8000" in text
            guest.write_text(text.replace("8000", port), "utf-8")
            talk(guest)
        finally:
            room.kill()


def talk(guest):
    with start(guest) as ann, start(guest) as bob:
        try:
            say(ann, "Ann")
            assert ann.stdout.readline() == "* Ann came\n"
            say(bob, "Bob")
            assert ann.stdout.readline() == "* Bob came\n"
            assert bob.stdout.readline() == "* Bob came\n"
            say(ann, "hello")
            assert bob.stdout.readline() == "Ann: hello\n"
            assert ann.stdout.readline() == "Ann: hello\n"
            bob.kill()
            assert ann.stdout.readline() == "* Bob left\n"
            ann.stdin.close()
            assert ann.wait(timeout=20) == 0
        finally:
            ann.kill()
            bob.kill()


def say(process, line):
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
