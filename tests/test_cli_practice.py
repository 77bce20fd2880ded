"""The commands on exercises: what they say, their exit status, a session."""

import os
import re
import signal
import subprocess
import sys

import pytest
from terminals import Terminal

from netbasics.practice import exercises, find
from netbasics.practice.workspace import Workspace

RECV = find("recv_exactly")
NETBASICS = [sys.executable, "-m", "netbasics"]


@pytest.fixture
def work(tmp_path):
    assert netbasics(tmp_path, "init", "mine").returncode == 0
    return Workspace(tmp_path / "mine")


def netbasics(cwd, *arguments, **env):
    return subprocess.run(
        [*NETBASICS, *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_init_says_what_it_did_and_how_to_go_on(tmp_path):
    first = netbasics(tmp_path, "init")
    assert f"has {len(exercises())} exercises now" in first.stdout
    assert "cd netbasics-practice" in first.stdout
    again = netbasics(tmp_path / "netbasics-practice", "init")
    assert "nothing was missing" in again.stdout
    assert not (tmp_path / "netbasics-practice" / "netbasics-practice").exists()


def test_init_over_a_file_is_a_usage_error(tmp_path):
    (tmp_path / "mine").write_text("")
    done = netbasics(tmp_path, "init", "mine")
    assert done.returncode == 2
    assert "mine is a file" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check", "hint", "list", "practice"])
def test_without_a_folder_the_error_says_init(tmp_path, command):
    done = netbasics(tmp_path, command)
    assert done.returncode == 2
    assert "netbasics init" in done.stderr


def test_check_of_a_stub_of_a_pass_and_of_a_mistake(work):
    stub = netbasics(work.folder, "check", "1.1")
    assert stub.returncode == 1
    assert "is not written yet" in stub.stdout
    mistake = RECV.place / "mistakes" / "bare_recv.py"
    work.file(RECV).write_bytes(mistake.read_bytes())
    failed = netbasics(work.folder, "check", "recv_exactly")
    assert failed.returncode == 1
    assert "One `recv` was taken for the whole message" in failed.stdout
    assert work.done() == set()
    work.file(RECV).write_bytes(RECV.solution.read_bytes())
    passed = netbasics(work.folder, "check", "recv_exactly.py")
    assert passed.returncode == 0
    assert "1.1 recv_exactly passes" in passed.stdout
    assert work.done() == {"recv_exactly"}


def test_a_changed_test_does_not_count(work):
    work.test(RECV).write_text("def test_it(check):\n    pass\n")
    mistake = RECV.place / "mistakes" / "bare_recv.py"
    work.file(RECV).write_bytes(mistake.read_bytes())
    assert netbasics(work.folder, "check", "1.1").returncode == 1
    assert work.done() == set()


def test_several_are_a_line_each(work):
    first = exercises()[0]
    work.file(RECV).write_bytes(RECV.solution.read_bytes())
    done = netbasics(work.folder, "check", "1.1", first.name)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "1.1 recv_exactly: passes"
    assert f"{first.name} is not written yet" in lines[1]
    assert lines[2] == "1 of 2 pass."


def test_without_a_name_it_is_the_one_that_comes_next(work):
    first, second = exercises()[:2]
    assert first.task in netbasics(work.folder, "check").stdout.replace(
        "\n", " "
    )
    work.passed(first)
    assert second.name in netbasics(work.folder, "hint").stdout


def test_hints_come_one_by_one(work):
    told = [netbasics(work.folder, "hint", "1.1").stdout for _ in range(4)]
    assert [text.split(" of 3")[0][-1] for text in told] == list("1233")
    assert "--spoil" in told[2]
    again = netbasics(work.folder, "hint", "1.1", "--step", "1").stdout
    assert again == told[0]


def test_the_solution_is_shown_after_a_pass_or_when_asked_for(work):
    early = netbasics(work.folder, "solution", "1.1")
    assert early.returncode == 1
    assert "--spoil" in early.stderr
    spoiled = netbasics(work.folder, "solution", "1.1", "--spoil")
    assert "recv_into" in spoiled.stdout
    assert work.state(RECV).spoiled
    work.passed(RECV)
    assert netbasics(work.folder, "solution", "1.1").returncode == 0


def test_reset_says_where_the_old_version_is(work):
    work.file(RECV).write_text("mine")
    done = netbasics(work.folder, "reset", "1.1")
    assert "kept as recv_exactly.1.py" in done.stdout
    assert "not written yet" in work.file(RECV).read_text()


def test_the_list(work):
    first = exercises()[0]
    work.passed(first)
    text = netbasics(work.folder, "list").stdout
    assert re.search(rf"done +{first.number} +{first.name}", text)
    assert len(re.findall(r"^  next ", text, re.M)) == 1
    assert f"1 of {len(exercises())} are done" in text
    assert all(len(line) <= 80 for line in text.splitlines()[:-2])
    for exercise in exercises():
        assert f"{exercise.number}{'*' * exercise.hard} " in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "recv_exatly"], "did you mean recv_exactly"),
        (["hint", "9.9"], "there is no exercise '9.9'"),
        (["chek"], "did you mean 'check'"),
        (["solution"], "Missing argument"),
        (["check", "1.1", "--all"], "not both"),
        (["course", "check", "nothing"], "there is no exercise"),
    ],
)
def test_a_misspelt_word_is_a_usage_error(work, arguments, words):
    done = netbasics(work.folder, *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_ascii_is_enough(work):
    mistake = RECV.place / "mistakes" / "bare_recv.py"
    work.file(RECV).write_bytes(mistake.read_bytes())
    done = netbasics(work.folder, "check", "1.1", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "connect ---" in done.stdout
    assert "Traceback" not in done.stderr


def test_course_check_prints_a_table(tmp_path):
    done = netbasics(tmp_path, "course", "check", "recv_exactly")
    assert done.returncode == 0, done.stdout
    assert re.search(r"1\.1 +recv_exactly +fails +\d/\d x 3", done.stdout)
    assert "1 exercises, 0 not sound" in done.stdout


def test_bare_netbasics_says_how_far_one_is(work):
    work.passed(exercises()[0])
    text = netbasics(work.folder).stdout
    assert f"1 of {len(exercises())} exercises" in text
    assert "practice" in text


def mistake(name):
    return (RECV.place / "mistakes" / f"{name}.py").read_bytes()


def test_a_session_from_a_stub_to_a_pass_and_on_the_next_day(work, monkeypatch):
    monkeypatch.chdir(work.folder)
    file = work.file(RECV)
    with Terminal([*NETBASICS, "practice", "1.1"], size=(24, 130)) as terminal:
        terminal.until("h: hint")
        file.write_bytes(mistake("bare_recv"))
        terminal.until("was taken for the whole message")
        terminal.press("h")
        terminal.until("Hint 1 of 3")
        file.write_bytes(mistake("no_end"))
        terminal.until("loop without end", "waits for ever")
        file.write_bytes(RECV.solution.read_bytes())
        shown = terminal.until("Enter: go on")
        assert "recv_exactly passes" in shown
        assert "The reference solution" in shown
        terminal.press("\r")
        terminal.until("h: hint")
        terminal.press("q")
        terminal.until("To go on:")
        assert terminal.ends() == 0
        assert terminal.as_before()
    assert work.done() == {"recv_exactly"}
    current = work.current()
    with Terminal([*NETBASICS, "practice"]) as terminal:
        assert current.title in terminal.until("h: hint")
        terminal.press("\x03")
        assert terminal.ends() == 130
        assert terminal.as_before()


def test_a_pipe_gets_plain_text_and_the_end_of_the_input_ends_it(work):
    file = work.file(RECV)
    file.write_bytes(mistake("bare_recv"))
    done = netbasics(work.folder, "practice", "1.1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "To go on:" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="other systems, other signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_whatever_ends_it_leaves_nothing_behind(work, tmp_path, name):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [*NETBASICS, "practice", "--plain"],
        cwd=work.folder,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as learner:
        while "(or save the file)]" not in learner.stdout.readline():
            pass
        # The process of the first check waits in here by now.
        assert list(scratch.iterdir())
        number = getattr(signal, name)
        learner.send_signal(number)
        assert learner.wait(20) == 128 + number
        assert "Traceback" not in learner.stderr.read()
    assert list(scratch.iterdir()) == []


def test_lines_are_keys_where_the_terminal_is_dumb(work, monkeypatch):
    monkeypatch.chdir(work.folder)
    with Terminal([*NETBASICS, "practice", "1.1"], env={"TERM": "dumb"}) as it:
        it.until("[h: hint")
        it.press("h\n")
        it.until("Hint 1 of 3")
        it.press("quit\n")
        assert it.ends() == 0


def test_a_lesson_begins_with_its_first_open_exercise(work, monkeypatch):
    monkeypatch.chdir(work.folder)
    wanted = next(each for each in exercises() if each.lesson == 2)
    with Terminal([*NETBASICS, "practice", "02"]) as terminal:
        assert wanted.title in terminal.until("h: hint")
        terminal.press("q")
        assert terminal.ends() == 0


def test_when_all_are_done_it_says_so(work):
    for exercise in exercises():
        work.passed(exercise)
    done = netbasics(work.folder, "practice")
    assert done.returncode == 0
    assert "exercises are done" in done.stdout
