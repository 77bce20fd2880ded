"""A step as a file of its own: written, kept, opened, run."""

import os
import shlex
import shutil
import subprocess
import sys
import textwrap

import pytest
from course_help import make
from terminals import Terminal

import netbasics
from netbasics.course import locate
from netbasics.course.editing import edit, path_of, script_of
from netbasics.course.programs import EditorFailed, open_editor, run_script

STEPS = '''

NUMBERS = [1, 2]


def doubled(number):
    """Twice a number."""
    return 2 * number


def never_used():
    return 0


@lesson.step
def two_parts():
    """Two parts.

    One two three four five six seven eight nine ten eleven twelve
    thirteen-fourteen.
    """
    for number in NUMBERS:
        print(doubled(number))

    """The names stay."""
    text = """
    as it is
"""
    print(len(text), number)


@lesson.step(needs=[LINUX, Need("a second sun", lambda: False)])
def elsewhere():
    """Elsewhere."""
    print("never here")
'''


@pytest.fixture
def lesson(tmp_path):
    return make(tmp_path, STEPS)


@pytest.fixture(autouse=True)
def no_editor_of_mine(monkeypatch):
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


def command(code):
    """An editor's command that runs this Python code, the file in `path`."""
    start = "import sys, pathlib; path = pathlib.Path(sys.argv[-1]); "
    return shlex.join([sys.executable, "-c", start + code])


NOTHING = command("pass")


def said(text):
    return lambda path: text


class TestScript:
    def test_what_is_in_it(self, lesson):
        script = script_of(lesson, lesson.steps[0])
        expected = '''\
            """Two parts."""

            import socket


            NUMBERS = [1, 2]

            def doubled(number):
                """Twice a number."""
                return 2 * number


            # One two three four five six seven eight nine ten eleven twelve
            # thirteen-fourteen.

            for number in NUMBERS:
                print(doubled(number))


            # The names stay.

            text = """
                as it is
            """
            print(len(text), number)
            '''
        assert script == textwrap.dedent(expected)

    def test_it_runs(self, lesson, tmp_path):
        path = tmp_path / "script.py"
        path.write_text(script_of(lesson, lesson.steps[0]), "utf-8")
        done = run(path)
        assert done.stdout == "2\n4\n14 2\n"

    def test_what_a_step_needs_is_asked_for(self, lesson, tmp_path):
        path = tmp_path / "script.py"
        path.write_text(script_of(lesson, lesson.steps[1]), "utf-8")
        done = run(path)
        assert done.stdout.startswith("Skipped: this step needs ")
        assert "a second sun" in done.stdout
        assert "never here" not in done.stdout
        assert done.returncode == 0

    def test_every_step_of_every_lesson_compiles(self, tmp_path):
        count = 0
        for script in locate.scripts():
            lesson = locate.load(script)
            for step in lesson.steps:
                text = script_of(lesson, step)
                compile(text, step.name, "exec")
                comments = [ln for ln in text.splitlines() if ln[:2] == "# "]
                assert all(len(line) <= 80 for line in comments)
                count += 1
        assert count > 40

    @pytest.mark.parametrize(
        ("number", "place"), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 0), (6, 2)]
    )
    def test_some_of_them_run(self, tmp_path, number, place):
        lesson = locate.load(locate.find(str(number)))
        step = lesson.steps[place]
        path = path_of(lesson, step, tmp_path)
        assert path.name == f"{number:02}_{place + 1:02}_{step.name}.py"
        edit(lesson, step, tmp_path, editor=NOTHING, run=said(""))
        done = run(path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


def run(path):
    root = os.path.dirname(os.path.dirname(netbasics.__file__))
    return subprocess.run(
        [sys.executable, "-W", "error", path],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": root},
    )


class TestFile:
    @pytest.fixture
    def opened(self, lesson, tmp_path):
        """Open the first step with an editor; return the file."""

        def do(editor=NOTHING):
            return edit(
                lesson, lesson.steps[0], tmp_path, editor=editor, run=said("")
            )

        return do

    def test_a_changed_one_is_kept(self, opened, capsys):
        path = opened(command("path.write_text('print(1)\\n')"))
        assert "is yours" not in capsys.readouterr().out
        assert opened().read_text() == "print(1)\n"
        assert f"changed earlier: {path}" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "change",
        [
            "path.write_text(path.read_text() + '# mine\\n')",
            "path.write_text(path.read_text().replace('names', 'NAMES'))",
            "path.write_text('\\n'.join(path.read_text().split('\\n')[:-2]))",
            "path.write_bytes(path.read_bytes() + b'# caf\\xe9')",
            "path.write_text('')",
        ],
    )
    def test_any_change_counts(self, opened, change):
        path = opened(command(change))
        mine = path.read_bytes()
        opened()
        assert path.read_bytes() == mine

    def test_an_unchanged_one_is_written_anew(
        self, opened, lesson, tmp_path, capsys
    ):
        before = opened().read_text("utf-8")
        other = make(tmp_path, STEPS.replace("stay", "remain"))
        path = edit(
            other, other.steps[0], tmp_path, editor=NOTHING, run=said("")
        )
        assert path.read_text("utf-8") != before
        assert "The names remain." in path.read_text("utf-8")
        assert "is yours" not in capsys.readouterr().out

    def test_a_missing_one_is_written(self, opened):
        path = opened(command("path.write_text('')"))
        path.unlink()
        assert "Two parts" in opened().read_text("utf-8")
        assert sorted(p.name for p in path.parent.iterdir()) == [path.name]

    def test_other_line_ends_are_no_change(self, opened, capsys):
        crlf = "path.write_bytes(path.read_bytes().replace(b'\\n', b'\\r\\n'))"
        opened(command(crlf))
        opened()
        assert "is yours" not in capsys.readouterr().out

    def test_a_folder_that_cannot_be_written_to(self, lesson, tmp_path, capsys):
        taken = tmp_path / "taken"
        taken.write_text("a file")
        ran = []
        edit(lesson, lesson.steps[0], taken, editor=NOTHING, run=ran.append)
        assert "could not be opened" in capsys.readouterr().out
        assert not ran


class TestEditor:
    def test_which_one(self, tmp_path, monkeypatch):
        path = tmp_path / "file"
        for number, name in enumerate(["EDITOR", "VISUAL"]):
            code = f"path.write_text('{number}')"
            monkeypatch.setenv(name, command(code))
            open_editor(path)
            assert path.read_text() == str(number)
        open_editor(path, command("path.write_text('given')"))
        assert path.read_text() == "given"

    def test_the_first_that_is_there(self, tmp_path, monkeypatch):
        for name in ("vi", "emacs"):
            program = tmp_path / name
            program.write_text(f'#!/bin/sh\necho {name} "$@" > "$0.told"\n')
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("EDITOR", " ")
        open_editor(tmp_path / "file")
        assert (tmp_path / "vi.told").read_text() == f"vi {tmp_path}/file\n"
        (tmp_path / "vi").unlink()
        open_editor(tmp_path / "file")
        assert "emacs -nw " in (tmp_path / "emacs.told").read_text()

    @pytest.mark.parametrize(
        ("editor", "message"),
        [
            ("no-such-editor -x", "'no-such-editor' did not start: No such"),
            ("'open", "makes no sense: No closing quotation"),
            (command("sys.exit(3)"), "ended with exit status 3"),
            (None, "No editor was found"),
        ],
    )
    def test_one_that_fails(self, tmp_path, monkeypatch, editor, message):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(EditorFailed, match=message) as caught:
            open_editor(tmp_path / "file", editor)
        assert f"The file is {tmp_path}/file" in str(caught.value)

    def test_nothing_is_run_after_that(self, lesson, tmp_path, capsys):
        ran = []
        path = edit(
            lesson,
            lesson.steps[0],
            tmp_path,
            editor=command("sys.exit(1)"),
            run=ran.append,
        )
        assert not ran
        assert path.exists()
        assert "so nothing is run" in capsys.readouterr().out


class TestRunning:
    @pytest.mark.parametrize(
        ("code", "ending"),
        [
            ("", "exit status 0."),
            ("1 / 0", "exit status 1."),
            ("raise SystemExit(7)", "exit status 7."),
            ("import os; os.kill(os.getpid(), 9)", "the signal SIGKILL."),
        ],
    )
    def test_how_it_ended(self, tmp_path, capfd, code, ending):
        path = tmp_path / "script.py"
        path.write_text(code)
        assert run_script(path) == f"It ended with {ending}"
        assert ("ZeroDivisionError" in capfd.readouterr().err) == ("/" in code)

    def test_this_python_this_netbasics_and_warnings(self, tmp_path, capfd):
        path = tmp_path / "script.py"
        path.write_text(
            "import sys, netbasics, socket\n"
            "print(sys.executable, netbasics.__file__)\n"
            "socket.socket()\n"
        )
        run_script(path)
        out, err = capfd.readouterr()
        assert out == f"{sys.executable} {netbasics.__file__}\n"
        assert "ResourceWarning" in err

    def test_all_of_it(self, lesson, tmp_path, capfd):
        path = edit(lesson, lesson.steps[0], tmp_path, editor=NOTHING)
        out = capfd.readouterr().out
        assert f"Running {path}\n" in out
        assert "2\n4\n14 2\n" in out
        assert "It ended with exit status 0." in out


class TestTerminal:
    @pytest.fixture
    def program(self, tmp_path):
        """A program that opens a file in an editor, then runs it."""
        script = tmp_path / "script.py"
        script.write_text(
            "import time\nprint('run' + 'ning')\ntime.sleep(60)\n"
        )
        editor = tmp_path / "editor.py"
        editor.write_text(
            "import signal, sys, tty\n"
            "signal.signal(signal.SIGINT, lambda *_: print('not me'))\n"
            "tty.setcbreak(0)\n"
            "print('edi' + 'ting')\n"
            "sys.stdin.read(1)\n"
        )
        path = tmp_path / "program.py"
        path.write_text(
            "from pathlib import Path\n"
            "from netbasics.course.programs import open_editor, run_script\n"
            f"open_editor(Path({str(script)!r}), "
            f"{shlex.join([sys.executable, str(editor)])!r})\n"
            f"print(run_script(Path({str(script)!r})))\n"
            "import signal\n"
            "print(signal.getsignal(signal.SIGINT).__name__)\n"
        )
        return [sys.executable, str(path)]

    def test_ctrl_c_is_for_the_program_that_runs(self, program):
        with Terminal(program) as terminal:
            terminal.until("editing")
            terminal.press("\x03")
            terminal.until("not me")
            terminal.press("q")
            terminal.until("running")
            assert terminal.as_before()  # what the editor had changed
            terminal.press("\x03")
            assert terminal.ends() == 0
            assert terminal.as_before()
            shown = terminal.plain(terminal.shown)
            assert "It ended with the signal SIGINT." in shown
            assert "default_int_handler" in shown

    @pytest.mark.skipif(
        shutil.which("vi") is None, reason="needs vi, as most have"
    )
    def test_a_real_editor(self, tmp_path, lesson):
        path = path_of(lesson, lesson.steps[0], tmp_path)
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path\n"
            "from netbasics.course import locate\n"
            "from netbasics.course.editing import edit\n"
            "lesson = locate.load(Path(sys.argv[2]))\n"
            "edit(lesson, lesson.steps[0], Path(sys.argv[3]))\n"
        )
        root = os.path.dirname(os.path.dirname(netbasics.__file__))
        arguments = [root, str(lesson.path), str(tmp_path)]
        with Terminal(
            [sys.executable, "-c", program, *arguments], env={"EDITOR": "vi"}
        ) as terminal:
            terminal.until("Two parts")
            terminal.press("Goprint('add' + 'ed')\x1b:wq\n")
            terminal.until("added")
            assert terminal.ends() == 0
            assert terminal.as_before()
        assert path.read_text("utf-8").endswith("print('add' + 'ed')\n")
