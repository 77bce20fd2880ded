"""Keys in a real terminal: each pause, each key, Ctrl-C and Ctrl-Z."""

import re
import sys
import time
from pathlib import Path

import pytest
from course_help import python, write

if sys.platform == "win32":
    pytest.skip("needs a pty", allow_module_level=True)

from terminals import Terminal

STEPS = '''

@lesson.step(
    ask=Choice(
        "Which answer comes?",
        {"hello": "An echo.", "HELLO": "Nobody shouts here."},
        truth=lambda ran: ran.answer.decode(),
    )
)
def first():
    """First."""
    from netbasics import servers, sockets
    with servers.EchoServer() as server:
        answer = sockets.ask(server.address, b"hello")
        print("answered:", answer)


@lesson.step(
    ask=[
        Number("How many?", truth=12, right="A dozen.", low="L.", high="H."),
        Text("Which?", part=2, truth="quit", right="Yes.", wrong="No."),
    ]
)
def second():
    """Second."""
    print("out of the second")

    """And then."""
    print("its end")
'''

# Runs a command in the foreground as a shell does, and when it stops itself
# says so, with what it left of the terminal, and lets it go on.
SHELL = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
before = termios.tcgetattr(0)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    print("STOPPED", termios.tcgetattr(0) == before, flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, child)
    os.killpg(child, signal.SIGCONT)
"""


@pytest.fixture
def script(tmp_path):
    return write(tmp_path, STEPS)


@pytest.fixture
def terminal(script):
    with Terminal(python(script)) as terminal:
        terminal.until("next step")
        terminal.press("\n")
        terminal.until("Enter: run")
        yield terminal


def test_a_right_prediction_by_one_key(terminal):
    terminal.press("1")
    shown = terminal.until("Enter: next step")
    assert "In this run: hello, as you said. An echo." in shown


def test_a_wrong_prediction_has_its_reply(terminal):
    terminal.press("2")
    shown = terminal.until("Enter: next step")
    assert "hello (you said: HELLO). Nobody shouts here." in shown


def test_enter_answers_nothing(terminal):
    terminal.press("\n")
    assert "In this run: hello. An echo." in terminal.until("next step")


def test_a_key_that_means_nothing_here_is_said(terminal):
    terminal.press("7")
    assert "'7' is none of 1-2" in terminal.until("goes on without an answer")
    terminal.press("1")
    assert "as you said" in terminal.until("next step")


def test_no_key_waits_for_enter_where_nothing_is_typed(script):
    with Terminal(python(script)) as terminal:
        terminal.until("next step")
        terminal.press("p")
        assert "'p' is no key here" in terminal.until("lists them")
        terminal.press(" ")
        assert "Which answer comes?" in terminal.until("Enter: run")


@pytest.mark.parametrize("key", ["c", "w"])
def test_a_question_is_shown_again_below_what_hid_it(terminal, key):
    terminal.press(key)
    shown = terminal.until("Enter: run")
    assert re.search(r"Which answer comes\? *\n  1  hello\n  2  HELLO", shown)


def test_the_keys_are_listed(terminal):
    terminal.press("?")
    shown = terminal.until("another time")
    for key in "rbcwepq":
        assert re.search(rf"^ +{key}  \w", shown, re.M)


def test_code_wire_again_and_back(terminal):
    terminal.press("\n")
    terminal.until("next step")
    terminal.press("c")
    assert "servers.EchoServer()" in terminal.until("next step")
    terminal.press("w")
    assert "5 bytes" in terminal.until("next step")
    terminal.press("r")
    assert "1/2  First" in terminal.until("Enter: run")
    terminal.press("\n")
    terminal.until("next step")
    terminal.press("\n")
    assert "2/2  Second" in terminal.until("Enter: run")
    terminal.press("b")
    assert "1/2  First" in terminal.until("Enter: run")


def test_a_number_and_a_text_are_typed(terminal):
    terminal.press("\n")
    terminal.until("next step")
    terminal.press("\n")
    terminal.until("Enter: run")
    terminal.press("13\x7f2\n")
    assert "12, as you said" in terminal.until("a few words")
    terminal.press("Quit!\n")
    # It is the word that leaves, but here it is an answer.
    assert "quit, as you said" in terminal.until("Enter: the end")


def test_an_arrow_key_does_nothing(terminal):
    terminal.press("\x1b[A\x1b[B1")
    assert "as you said" in terminal.until("next step")


def test_who_quits_goes_on_there_another_time(terminal, script):
    terminal.press("\n")
    terminal.until("next step")
    terminal.press("\n")
    terminal.until("Enter: run")
    terminal.press("q")
    assert terminal.ends() == 130
    assert terminal.as_before()
    with Terminal(python(script)) as again:
        shown = again.until("Enter: run")
        assert "Going on with step 2" in shown
        assert "2/2  Second" in shown
        assert "1/2  First" not in shown
        again.press("\x03")
        assert again.ends() == 130


def test_no_pause_goes_through_and_remembers_nothing(script, learners_folder):
    with Terminal(python(script, "--no-pause")) as terminal:
        assert terminal.ends() == 0
    assert not learners_folder.exists()


@pytest.mark.parametrize("arguments", [[], ["--plain"]])
def test_ctrl_z_at_a_prompt_and_on(script, arguments):
    command = python(script, *arguments)
    with Terminal([sys.executable, "-c", SHELL, *command]) as terminal:
        terminal.until("Enter: next step")
        terminal.press("\n")
        terminal.until("Enter: run")
        terminal.press("\x1a")
        assert "STOPPED True" in terminal.until("STOPPED True", "STOPPED False")
        terminal.press("\n")
        terminal.until("Enter: run")  # the prompt is drawn again
        terminal.press("1")
        assert "as you said" in terminal.until("Enter: next step")
        terminal.press("q")
        assert terminal.ends() == 130
        assert terminal.as_before()


def until_waiting(terminal):
    """Wait until the program sleeps: what stops it before, it may not hear."""
    shell = terminal.pid
    child = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0]
    stat = Path(f"/proc/{child}/stat")
    deadline = time.monotonic() + 20
    while stat.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("kind", "opens", "sign"),
    [
        ("xterm", "p", "net> "),
        ("dumb", "p\n", "net> "),
        ("dumb", "?\n", "Enter: "),
    ],
)
def test_a_prompt_hears_of_going_on_while_a_server_runs(
    script, kind, opens, sign
):
    shell = [sys.executable, "-c", SHELL, *python(script, "--step", "1")]
    with Terminal(shell, env={"TERM": kind}) as terminal:
        terminal.until("Enter: run")
        terminal.press("\n")
        terminal.until("Enter: ")
        terminal.press(opens)
        terminal.until(sign)
        for _ in range(5):
            until_waiting(terminal)
            terminal.press("\x1a")
            terminal.until("STOPPED")
            terminal.press("\n")
            terminal.until(sign)


def test_a_dumb_terminal_has_lines(script):
    with Terminal(python(script), env={"TERM": "dumb"}) as terminal:
        terminal.until("Enter: next step")
        terminal.press("\n")
        terminal.until("Enter: run")
        terminal.press("2\n")
        assert "you said: HELLO" in terminal.until("Enter: next step")
        terminal.press("quit\n")
        assert terminal.ends() == 130
        assert "\x1b" not in terminal.shown


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}]
)
def test_any_terminal_will_do(script, env):
    with Terminal(python(script), env=env) as terminal:
        for _ in range(5):
            terminal.until("Enter: ")
            terminal.press("\n")
        terminal.until("Enter: the end")
        terminal.press("\n")
        assert terminal.ends() == 0
        assert "Traceback" not in terminal.shown
        if "LC_ALL" in env:
            assert terminal.plain(terminal.shown).isascii()


def test_a_window_made_smaller_while_a_step_runs(tmp_path):
    steps = STEPS.replace(
        'print("out of the second")',
        "import time\n"
        '    print("running")\n'
        "    time.sleep(0.5)\n"
        '    print("word " * 40)',
    )
    with Terminal(python(write(tmp_path, steps), "--from", "2")) as terminal:
        terminal.until("Enter: run")
        terminal.press("\n")
        terminal.until("running")
        terminal.resize(10, 40)
        while "Enter: the end" not in terminal.until("Enter: "):
            terminal.press("\n")
        terminal.press("\n")
        assert terminal.ends() == 0
        assert "Traceback" not in terminal.shown
        assert terminal.as_before()


def test_the_spinner_turns_while_nothing_is_printed(tmp_path):
    steps = STEPS.replace(
        'print("out of the second")',
        "import threading\n"
        "    threading.Event().wait(1.2)\n"
        '    print("done waiting")',
    )
    with Terminal(python(write(tmp_path, steps), "--from", "2")) as terminal:
        terminal.until("Enter: run")
        terminal.press("\n")
        terminal.until("running, ")
        terminal.until("│ done waiting")


def test_the_overview_offers_to_go_on(script):
    command = python("-m", "netbasics")
    with Terminal(command) as terminal:
        terminal.until("Enter: lesson 01")
        terminal.press("\n")
        terminal.until("Lesson 1")
        while "Enter: run" not in terminal.until("Enter: "):
            terminal.press("\n")
        terminal.press("q")
        assert terminal.ends() == 130
    with Terminal(command) as terminal:
        assert "Go on with step 1" in terminal.until("any other key: not now")
        terminal.press("n")
        assert terminal.ends() == 0
        assert terminal.as_before()
