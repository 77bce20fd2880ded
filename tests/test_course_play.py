"""Playing from the command line: options, terminals, interrupts, pipes."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from course_help import python, write

STEPS = '''

@lesson.step
def first():
    """First.

    Prose of the first.
    """
    print("out of the first")


@lesson.step(deeper=True)
def second():
    """Second."""
    print("out of the second")
'''
FAILS = '''

@lesson.step
def fails():
    """Fails."""
    1 / 0


@lesson.step
def works():
    """Works."""
    print("still here")
'''


def run(*arguments, **options):
    return subprocess.run(
        python(*arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        **options,
    )


def test_a_pipe_gets_plain_text_and_no_question(tmp_path):
    done = run(write(tmp_path, STEPS))
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "  | out of the first" in done.stdout
    assert "Enter" not in done.stdout


def test_list_runs_nothing(tmp_path):
    done = run(write(tmp_path, STEPS), "--list")
    assert done.stdout == (
        "7. Small: a lesson for tests\n   1  First\n   2  Second  (deeper)\n"
    )


def test_one_step_alone(tmp_path):
    done = run(write(tmp_path, STEPS), "--step", "2")
    assert "out of the second" in done.stdout
    assert "out of the first" not in done.stdout


def test_introduction_and_closing_belong_to_the_whole(tmp_path):
    script = write(tmp_path, STEPS + '\n\nlesson.ends("All seen.")\n')
    for arguments, shown in [
        ([], (True, True)),
        (["--step", "1"], (False, False)),
        (["--step", "2"], (False, False)),
        (["--from", "1"], (True, True)),
    ]:
        text = run(script, *arguments).stdout
        assert ("What one can do" in text, "All seen." in text) == shown


def test_from_a_step_on(tmp_path):
    done = run(write(tmp_path, FAILS), "--from", "2")
    assert done.returncode == 0
    assert "still here" in done.stdout


@pytest.mark.parametrize("option", ["--step", "--from"])
@pytest.mark.parametrize("number", ["99", "0", "-1"])
def test_a_step_that_is_not_there_is_refused(tmp_path, option, number):
    done = run(write(tmp_path, STEPS), option, number)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{option} {number}" in done.stderr
    assert "steps 1 to 2" in done.stderr


def test_a_failed_step_gives_status_1_and_the_rest_runs(tmp_path):
    done = run(write(tmp_path, FAILS))
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout
    assert "still here" in done.stdout


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path):
    steps = STEPS.replace(
        'print("out of the first")', 'print("much\\n" * 100_000)'
    )
    lesson = subprocess.Popen(
        python(write(tmp_path, steps)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with lesson:
        lesson.stdout.read(10)
        lesson.stdout.close()
        assert lesson.stderr.read() == b""
    assert lesson.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("steps", [STEPS, STEPS.replace("Prose", "")])
def test_a_full_disk_gets_a_sentence_and_no_traceback(tmp_path, steps):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            python(write(tmp_path, steps)),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=50,
            check=False,
        )
    assert done.returncode == 1
    assert "The output cannot be written: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_an_output_that_is_closed_from_the_start_is_no_error(tmp_path):
    command = shlex.join(map(str, python(write(tmp_path, STEPS))))
    done = subprocess.run(
        ["sh", "-c", f"{command} >&-"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


DRAWS = """

@lesson.step
def draws():
    \"\"\"Draws.\"\"\"
    from netbasics.pictures import bars
    chart = bars({"one": 1.0}, unit="s")
    print("drawn")
"""


def test_pictures_are_saved(tmp_path):
    folder = tmp_path / "pictures"
    done = run(write(tmp_path, DRAWS), "--save-pictures", folder)
    assert done.returncode == 0
    assert [path.name for path in folder.iterdir()] == ["07_01_chart.svg"]


def test_a_picture_that_cannot_be_saved_does_not_end_the_lesson(tmp_path):
    (tmp_path / "07_01_chart.svg").mkdir()
    done = run(write(tmp_path, DRAWS), "--save-pictures", tmp_path)
    assert done.returncode == 0
    assert "1 step ran" in done.stdout
    assert "07_01_chart.svg cannot be written: Is a directory." in done.stderr


def test_a_folder_for_pictures_that_cannot_be_made_is_refused(tmp_path):
    script = write(tmp_path, DRAWS)
    done = run(script, "--save-pictures", script / "under")
    assert done.returncode == 2
    assert "under: Not a directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no steps"),
        ("x = (", "SyntaxError"),
        ("import no_such_thing", "No module named 'no_such_thing'"),
        ("@lesson.step\ndef a():\n    'A.'\n    return 1", "'return' outside"),
    ],
)
def test_a_lesson_of_ones_own_that_does_not_load(tmp_path, text, said):
    script = write(tmp_path, f"\n{text}\n")
    done = run("-m", "netbasics", "learn", script)
    assert done.returncode == 2
    assert said in done.stderr
    assert "importlib" not in done.stderr


def test_a_proxy_of_the_environment_is_kept_out(tmp_path):
    steps = """

@lesson.step
def asks():
    \"\"\"Asks.\"\"\"
    from urllib.request import getproxies, proxy_bypass
    print(getproxies()["http"], bool(proxy_bypass("127.0.0.1")))
"""
    proxy = "http://127.0.0.1:9"
    done = run(write(tmp_path, steps), env={"http_proxy": proxy, "PATH": ""})
    assert f"{proxy} True" in done.stdout


def test_ascii_output_needs_no_utf8(tmp_path):
    done = run(
        write(tmp_path, STEPS.replace("Prose", "Prose →")),
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 0
    assert "Prose ->" in done.stdout


pytestmark_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="needs a pty"
)


@pytestmark_terminal
class TestInATerminal:
    def test_the_enter_key_alone_leads_through(self, tmp_path):
        from terminals import Terminal

        with Terminal(python(write(tmp_path, STEPS))) as terminal:
            shown = terminal.until("next step")
            assert "Small" in shown
            terminal.press("\n")
            shown = terminal.until("Enter: run")
            assert "Prose of the first." in shown
            assert "│" not in shown
            terminal.press("\n")
            assert "│ out of the first" in terminal.until("next step")
            terminal.press("\n")
            terminal.until("Enter: run")
            terminal.press("\n")
            terminal.until("Enter: the end")
            terminal.press("\n")
            assert terminal.ends() == 0
            shown = terminal.plain(terminal.shown)
            assert "│ out of the second" in shown
            assert terminal.as_before()

    @pytest.mark.parametrize("keys", ["q", "\x03", "\x04"])
    def test_leaving_says_how_to_go_on(self, tmp_path, keys):
        from terminals import Terminal

        script = write(tmp_path, STEPS)
        with Terminal(python(script)) as terminal:
            terminal.until("next step")
            terminal.press("\n")
            terminal.until("Enter: run")
            terminal.press("\n")
            terminal.until("next step")
            terminal.press(keys)
            assert terminal.ends() == 130
            shown = terminal.plain(terminal.shown)
            assert "Stopped at step 2 of 2." in shown
            assert "--from 2" in shown
            assert "Traceback" not in shown
            assert terminal.as_before()

    def test_ctrl_c_in_a_running_step_says_how_to_go_on(self, tmp_path):
        from terminals import Terminal

        steps = STEPS.replace(
            'print("out of the first")',
            "a, b = socket.socketpair()\n    with a, b:\n"
            '        print("waiting")\n        a.recv(1)',
        )
        with Terminal(python(write(tmp_path, steps))) as terminal:
            terminal.press("\n\n")
            terminal.until("│ waiting")
            terminal.press("\x03")
            assert terminal.ends() == 130
            assert "--from 1" in terminal.plain(terminal.shown)
            assert "Traceback" not in terminal.shown
            assert terminal.as_before()

    def test_without_pause_a_terminal_asks_nothing(self, tmp_path):
        from terminals import Terminal

        command = python(write(tmp_path, STEPS), "--no-pause")
        with Terminal(command) as terminal:
            assert terminal.ends() == 0
            assert "\x1b[" in terminal.shown
            assert "Enter" not in terminal.shown

    @pytest.mark.parametrize(
        ("arguments", "env"), [(["--plain"], {}), ([], {"TERM": "dumb"})]
    )
    def test_plain_terminals_get_no_escape_codes(
        self, tmp_path, arguments, env
    ):
        from terminals import Terminal

        command = python(write(tmp_path, STEPS), *arguments)
        with Terminal(command, env=env) as terminal:
            terminal.press("\n" * 5)
            assert terminal.ends() == 0
            assert "\x1b" not in terminal.shown
            assert "  | out of the second" in terminal.shown

    def test_a_screen_that_is_full_waits(self, tmp_path):
        from terminals import Terminal

        prose = "\n\n".join(f"    Paragraph {n}." for n in range(30))
        steps = STEPS.replace("    Prose of the first.", prose.lstrip())
        with Terminal(python(write(tmp_path, steps))) as terminal:
            terminal.press("\n")
            shown = terminal.until("Enter: more")
            assert "Paragraph 29" not in shown
            terminal.press("\n" * 10)
            assert terminal.ends() == 0

    def test_in_a_narrow_terminal_code_is_folded_and_not_cut(self, tmp_path):
        from terminals import Terminal

        line = "print('" + "word " * 12 + "end')"
        steps = STEPS.replace('print("out of the first")', line)
        command = python(write(tmp_path, steps), "--no-pause")
        with Terminal(command, size=(24, 50)) as terminal:
            assert terminal.ends() == 0
            shown = terminal.plain(terminal.shown).replace("\n", "")
            assert shown.count("end'") == 1

    def test_a_heading_does_not_stand_alone_at_the_bottom(self, tmp_path):
        from terminals import Terminal

        steps = STEPS.replace(
            'print("out of the first")', 'print("line\\n" * 14)'
        )
        with Terminal(python(write(tmp_path, steps))) as terminal:
            terminal.press("\n\n\n")
            terminal.until("next step")
            assert "2/2" not in terminal.until("Enter: more", "Enter: run")

    def test_no_color_means_no_colour(self, tmp_path):
        from terminals import Terminal

        command = python(write(tmp_path, STEPS), "--no-pause")
        with Terminal(command, env={"NO_COLOR": "1"}) as terminal:
            assert terminal.ends() == 0
            assert "\x1b[36m" not in terminal.shown
            assert "\x1b[32m" not in terminal.shown
