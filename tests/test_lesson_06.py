"""Lesson 6 shows in each run what it says."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

import dnslib
import pytest
from course_help import Notes, python

from netbasics.course import events, locate
from netbasics.course.engine import run_step

pytestmark = pytest.mark.usefixtures("leaves_nothing")


@dataclass
class Played:
    """What playing a step did; `truths` are the answers to its questions."""

    outcome: str
    output: str
    errors: str
    names: dict[str, object]
    truths: list[str]


@cache
def lesson():
    return locate.load(locate.find("06"))


def step_called(name):
    (step,) = [step for step in lesson().steps if step.name == name]
    return step


def play(name: str) -> Played:
    notes = Notes()
    run_step(lesson(), step_called(name), notes)
    (ended,) = notes.only(events.StepEnded)
    failures = notes.only(events.Failed)
    return Played(
        ended.outcome,
        notes.output(),
        notes.output("stderr") + "".join(f.traceback for f in failures),
        ended.names,
        [event.verdict.truth for event in notes.only(events.Answered)],
    )


def done(name: str) -> Played:
    played = play(name)
    if played.outcome == "skipped":
        pytest.skip("this machine lacks what the step needs")
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    for line in played.output.split("\n"):
        assert len(line.rpartition("\r")[2]) <= 76, line
    return played


def seconds(line: str) -> float:
    (number,) = re.findall(r"([0-9.]+) s$", line)
    return float(number)


def test_a_call_without_a_timeout_waits_and_one_with_it_ends():
    played = done("no_timeout")
    assert played.truths == ["the end of the server"]
    lines = played.output.splitlines()
    assert lines[0] == "half a second later: still waiting"
    assert lines[1] == "the server is gone:  ConnectionError"
    plain, ours = lines[2:4]
    assert plain.startswith("ReadTimeout after ")
    assert ours.startswith("TimedOut after ")
    assert seconds(plain) < 5
    assert seconds(ours) < 5
    assert re.fullmatch(r"by default: [0-9.]+ s, [0-9.]+ s in all", lines[4])


def test_one_failure_ends_the_report_until_it_is_caught():
    played = done("no_error_handling")
    assert played.truths == ["nothing"]
    output = played.output
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
    played = done("an_unchecked_response")
    assert played.truths == ["550 cents"]
    lines = played.output.splitlines()
    assert lines[0] == "total: 550 cents"
    assert lines[1] == "no total: 500 the database is busy"
    assert lines[2].startswith("no total: ")
    assert "500" in " ".join(lines[2:])
    assert not any("cents" in line for line in lines[1:])


def test_open_sockets_keep_the_third_client_out():
    played = done("an_unclosed_socket")
    assert played.truths == ["2"]
    lines = played.output.splitlines()
    assert lines[:2] == ["b'ONE?'", "b'TWO?'"]
    assert lines[2].startswith("no answer; <TCPServer ")
    assert "2 open" in lines[2]
    assert lines[3:] == ["b'ONE?'", "b'TWO?'", "b'THREE?'"]


def test_a_session_needs_one_connection():
    played = done("a_connection_for_each_request")
    assert played.truths == ["20 and 1"]
    lines = played.output.splitlines()
    connections = {line.split()[0]: int(line.split()[1]) for line in lines}
    assert connections == {
        "requests.get": 20,
        "requests.Session": 1,
        "clients.session": 1,
    }


def test_the_key_was_in_the_log_and_is_there_no_more():
    played = done("url_and_key_in_the_code")
    assert played.truths == ["also the key"]
    output = played.output
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
    assert played.truths == ["2"]
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
    assert played.truths == ["Ann is thrown out"]
    lines = played.output.splitlines()
    assert lines[0] == r"both read: b'welcome\n' b'welcome\n'"
    assert lines[1] == r"both read: b'Ann: hello\n' b'Ann: hello\n'"
    assert lines[2] == "Ann was thrown out"
    assert lines[3].startswith("the reason: ")
    assert isinstance(played.names["server"].errors[-1], OSError)


def test_the_room_tells_who_left_and_goes_on():
    played = done("a_chat_room")
    assert played.truths == ["Ann and Cem"]
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
    assert played.truths == ["half of the file"]
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
    assert played.truths == [f"{kept[0]:,} bytes", "nothing"]
    half = len(played.names["content"]) / 2
    assert 0.9 * half < kept[0] < 1.1 * half  # as the question's reply says
    tapped, ours = re.split(r"^(?=\r)", ours, flags=re.M)
    cut, *talk = tapped.splitlines()
    on_disk = re.fullmatch(r"cut, with (\d+) bytes on the disk", cut)[1]
    assert int(on_disk) > 0
    assert talk[0] == "client: GET bytes=0-"
    assert talk[1].startswith("server: the response is cut: ")
    assert talk[-2] == f"client: GET bytes={on_disk}-"
    last = len(played.names["content"]) - 1
    assert talk[-1] == f"server: 206 bytes {on_disk}-{last}/{last + 1}"
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


def test_a_line_is_drawn_for_each_service(monitor):
    output = monitor.output
    chart = str(monitor.names["chart"])
    assert chart in output
    rows = {line.split()[0]: line.split()[1:] for line in chart.splitlines()}
    assert rows["mail"] == ["\N{MULTIPLICATION X}"] * 8
    assert rows["login"] == ["\N{MULTIPLICATION X}"] * 3
    assert monitor.names["ms"]["search"] == [
        1000 * took for took in monitor.names["history"]["search"]
    ]


def test_a_client_that_retries_hides_the_flapping(monitor):
    assert monitor.truths == ["mail, login", "all well"]
    assert monitor.output.splitlines()[-2:] == [
        "status 200 after 2 tries",
        "requests that came: 2",
    ]


def test_the_line_is_drawn_on_an_ascii_terminal_too():
    ran = subprocess.run(
        python(locate.find("06"), "--step", "12"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=50,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    text = ran.stdout.decode("ascii")
    chart = text[text.index("| latency") : text.index("no value")]
    (mail,) = re.findall(r"^  \|  mail(.*)$", chart, re.M)
    assert mail.split() == ["x"] * 8
    assert "?" not in chart


def test_who_never_reads_freezes_the_room_and_is_shown_out():
    played = done("the_chat_freezes")
    assert played.truths == ["Ann and Bob", "he is shown out"]
    lines = played.output.splitlines()
    # Wrong: Ann's thread waits for Cem, and keeps the lock from Bob.
    waiting = r"after (\d+) pictures there wait: Ann Bob"
    assert 0 < int(re.fullmatch(waiting, lines[0])[1]) < 1000
    assert lines[1] == "the lock is taken: True"
    # Repaired: Cem is out, and the others hear each other.
    assert re.fullmatch(r"after \d+ pictures there are 2 guests", lines[2])
    assert lines[3] == "Ann and Bob have heard the last one: True"
    assert played.names["server"].errors == []
    assert played.names["server"].stuck == []
    assert played.names["outboxes"] == {}


def test_yes_or_no_is_too_little_for_a_port():
    played = done("open_refused_silent")
    assert played.truths == ["shop, mute", "jammed"]
    lines = [line.split() for line in played.output.splitlines()]
    # Wrong: two very different failures look alike, and `mute` looks well.
    assert lines[:4] == [
        ["shop", "open:", "True"],
        ["mute", "open:", "True"],
        ["off", "open:", "False"],
        ["jammed", "open:", "False"],
    ]
    # Repaired: three results, and a question to the service.
    assert [line[:2] for line in lines[4:8]] == [
        ["shop", "open"],
        ["mute", "open"],
        ["off", "refused"],
        ["jammed", "silent"],
    ]
    rest = played.output.split("jammed ")[-1]
    assert "shop: status 200" in rest
    assert "mute: the server was silent" in rest
    assert "off: GET" in rest
    assert "Connection" in rest


def test_29_bytes_are_a_question_and_an_id_tells_whose_the_answer_is():
    played = done("a_dns_question_by_hand")
    forged = "the other one's address"
    assert played.truths == ["it cannot read the question", "29 bytes", forged]
    lines = played.output.splitlines()
    assert lines[0] == "error code: 1"
    assert lines[2] == r"b'\x07example\x03com\x00\x00\x01\x00\x01'"
    assert lines[3] == "header:   (4711, 34048, 1, 1, 0, 0)"
    assert lines[4] == "the question again: True"
    assert lines[5].endswith(r"\x00\x04\xc0\x00\x02\x07'")
    assert lines[6] == "address:  192.0.2.7"
    # Wrong: believed. Repaired: refused, and the true one is not.
    assert lines[7] == "by hand:  203.0.113.66"
    assert lines[9] == "is it for us: False"
    assert lines[10] == "is it for us: True"
    assert lines[11] == "Record('example.com', 'A', '192.0.2.7', ttl=300)"


def test_the_question_by_hand_is_read_by_another_parser():
    question = done("a_dns_question_by_hand").names["question"]
    assert len(question) == 29
    read = dnslib.DNSRecord.parse(question)
    assert str(read.q.qname) == "example.com."
    assert (read.q.qtype, read.q.qclass) == (dnslib.QTYPE.A, dnslib.CLASS.IN)
    assert read.header.id == 4711
    assert read.pack() == question


def test_a_proxy_reads_plain_http_and_only_host_and_port_of_https():
    played = done("the_view_of_a_proxy")
    assert played.truths == ["everything, the key too", "the host and the port"]
    plain, secure = played.names["noted"]
    assert plain.startswith("GET http://127.0.0.1:")
    assert "/salary?of=Ann HTTP/1.1\r\n" in plain
    assert "Authorization: Bearer sk-7311\r\n" in plain
    assert secure.startswith("CONNECT 127.0.0.1:")
    assert "salary" not in secure
    assert "sk-7311" not in secure
    wrong, right = played.output.split("CONNECT ")
    assert "sk-7311" in wrong
    assert "sk-7311" not in right
    assert re.search(r"^\d{3,} bytes passed; readable: False$", right, re.M)
    assert right.endswith("the site was asked for /salary?of=Ann\n")
    assert played.names["middle"].errors == []


def test_the_first_bytes_tell_the_protocol():
    played = done("the_wrong_protocol")
    assert played.truths == ["nothing", "in plain HTTP"]
    lines = played.output.splitlines()
    # Wrong: switching off the check of certificates changes nothing.
    assert lines[0].split()[0] == "verify=True"
    assert lines[1].split()[0] == "verify=False"
    assert lines[0].split()[1] == lines[1].split()[1] != ""
    assert lines[2].startswith(r"client: b'\x16\x03")
    assert lines[3] == "server: b'HTTP/1.1 400 Bad Request'"
    firsts = dict(line.split(maxsplit=1) for line in lines[4:7])
    assert firsts["web"] == "b'HTTP/'"
    assert firsts["secure"].startswith(r"b'\x15\x03")
    assert firsts["mail"] == "b'220 m'"
    told = " ".join(line.strip() for line in lines[7:-1])
    assert "is it an http:// address?" in told
    assert "the right scheme?" in told
    # Repaired: the right scheme.
    assert lines[-1] == "400 this port speaks HTTP"


def test_members_of_a_group_answer_and_a_connected_socket_does_not_hear_them():
    played = done("find_my_server")
    assert played.truths == ["no", "none"]
    assert played.output.splitlines() == [
        "the printer heard b''",
        "b'printer at port 9100'",
        "b'music at port 6600'",
        "silence",
        "no answer: True",
        "found at 127.0.0.1",
        "b'hello from the shop'",
    ]


def test_nothing_of_the_search_leaves_this_machine():
    played = done("find_my_server")
    source = "\n".join(p.source for p in step_called("find_my_server").parts)
    assert "IP_MULTICAST_TTL, 0)" in source
    with played.names["udp"]() as sock:
        ip = socket.IPPROTO_IP
        assert sock.getsockopt(ip, socket.IP_MULTICAST_TTL) == 0
        interface = sock.getsockopt(ip, socket.IP_MULTICAST_IF, 4)
        assert interface == socket.inet_aton("127.0.0.1")


def test_without_multicast_the_step_is_skipped_with_its_reason():
    (need,) = step_called("find_my_server").needs
    assert need.what == "multicast on the loopback interface"


def test_a_naive_checker_never_ends_and_the_repaired_one_finds_the_link():
    played = done("a_link_checker")
    assert played.truths == ["never, if nobody stops it", "5"]
    lines = played.output.splitlines()
    asked, left = map(int, re.findall(r"\d+", lines[0]))
    assert asked > 20
    assert left > 10
    assert int(lines[1].split()[-2]) > 5
    assert lines[2] == "a draft in a comment: True"
    assert int(lines[3].split()[-2]) > 1
    assert lines[4:] == [
        "asked for: 5 and of others: 1",
        "broken: /abuot.html on /news/old.html",
    ]
    pages = {*played.names["pages"], "/abuot.html"}
    assert sorted(played.names["visits"]) == sorted(pages)


def test_a_slow_receiver_packs_three_and_a_careful_one_packs_one():
    played = done("a_webhook_receiver")
    assert played.truths == ["3 parcels", "one"]
    assert played.output.splitlines() == [
        # Wrong: too slow to say so, and believes anybody.
        "the bank: given up after try 3",
        "parcels:  [7, 7, 7]",
        "somebody: status 204 after try 1",
        "parcels:  [99]",
        # Repaired.
        "good:   status 202 after try 1",
        "again:  status 202 after try 1",
        "forged: status 401 after try 1",
        "old:    status 401 after try 1",
        "parcels: [7]",
        "without:    status 503, tries: 1",
        "with a key: status 200, tries: 2",
    ]
    assert not played.names["worker"].is_alive()


def test_every_deeper_step_asks_and_comes_after_the_core():
    depths = [step.deeper for step in lesson().steps]
    assert depths == [False] * 12 + [True] * 8
    for step in lesson().steps:
        assert any(part.question for part in step.parts), step.name


def test_a_step_may_run_twice():
    for name in ("the_chat_freezes", "find_my_server", "a_webhook_receiver"):
        done(name)
        assert done(name).outcome == "done"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """room.py and guest.py, put together as step 9 says; a free port."""
    folder = tmp_path_factory.mktemp("chat")
    step = step_called("a_chat_room")
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
