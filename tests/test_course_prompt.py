"""The Python prompt inside a lesson: names, mistakes, await, the terminal."""

import asyncio
import gc
import io
import shutil
import signal
import subprocess
import sys
import textwrap
import warnings
from contextlib import suppress

import pytest
from terminals import Terminal

from netbasics.course.prompt import interact

PLAIN = {"TERM": "dumb"}
UP = "\x1b[A"


@pytest.fixture
def typed(capsys):
    """Type lines at a prompt; return what it printed and complained about."""

    def at_prompt(lines, **names):
        interact(names, stdin=io.StringIO(textwrap.dedent(lines)))
        out, err = capsys.readouterr()
        return out.replace("net> ", "").replace("...  ", "").strip(), err

    return at_prompt


class TestNames:
    def test_what_is_assigned_does_not_leak(self, capsys):
        names = {"port": 80, "__annotations__": {}}
        lines = "port = 5\nnew: int = 6\ndel port\nprint(new)\n"
        interact(names, stdin=io.StringIO(lines))
        assert capsys.readouterr().out.startswith("net> net> net> net> 6\n")
        assert names == {"port": 80, "__annotations__": {}}

    def test_the_modules_are_there(self, typed):
        out, _ = typed('urls.parse("http://a.b/c").path\nwire.__name__\n')
        assert out == "'/c'\n'netbasics.wire'"

    def test_a_function_sees_them_too(self, typed):
        lines = """\
            def f():
                return sockets.__name__, len([1])

            f()
            """
        assert typed(lines)[0] == "('netbasics.sockets', 1)"

    def test_a_name_of_the_step_comes_first(self, typed):
        assert typed("sockets\n", sockets=["mine"])[0] == "['mine']"

    def test_they_cost_nothing_before_they_are_used(self):
        code = (
            "import io, sys\n"
            "from netbasics.course.prompt import interact\n"
            "interact({}, stdin=io.StringIO('1 + 1\\n'))\n"
            "print({'ssl', 'asyncio', 'requests', 'netbasics.wire'}\n"
            "      & set(sys.modules))\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.stdout == "net> 2\nnet> \nset()\n"

    def test_an_unknown_name_is_an_error_as_ever(self, typed):
        assert "NameError: name 'nonsense'" in typed("nonsense\n")[1]

    def test_the_last_value(self, typed):
        out, _ = typed("20 + 1\n_ * 2\nNone\n_\n")
        assert out == "21\n42\n42"

    def test_a_value_that_the_output_has_no_sign_for(self, monkeypatch):
        ascii_only = io.TextIOWrapper(io.BytesIO(), "ascii")
        monkeypatch.setattr(sys, "stdout", ascii_only)
        interact({}, stdin=io.StringIO("'caf\\N{LATIN SMALL LETTER E}\xe9'\n"))
        ascii_only.flush()
        assert b"'cafe\\xe9'" in ascii_only.buffer.getvalue()

    def test_help_works(self, typed):
        out, err = typed("help(len)\n")
        assert "Return the number of items" in out
        assert err == ""


class TestLines:
    def test_blocks_end_with_an_empty_line(self, capsys):
        lines = "for n in range(2):\n    print(n)\n\nx = (1,\n2)\nx\n"
        interact({}, banner="Welcome.", stdin=io.StringIO(lines))
        shown = capsys.readouterr().out
        expected = "Welcome.\nnet> ...  ...  0\n1\nnet> ...  net> (1, 2)\nnet> "
        assert shown == expected + "\n"

    @pytest.mark.parametrize(
        "leaving",
        [
            "exit()",
            "quit()",
            "exit",
            "quit",
            "raise SystemExit",
            "exit(3)",
            "import sys; sys.exit(1)",
            "await leave()",
            "",
        ],
    )
    def test_all_ways_out(self, capsys, leaving):
        async def leave():
            raise SystemExit

        names = {"leave": leave}
        stdin = io.StringIO(f"{leaving}\n1 / 0\n" if leaving else "")
        interact(names, stdin=stdin)
        assert not stdin.closed
        shown = capsys.readouterr()
        assert shown.err == ""

    def test_the_reason_is_shown(self, typed):
        assert typed("raise SystemExit('enough')\n")[0] == "enough"

    def test_a_name_exit_of_the_step(self, typed):
        assert typed("exit\n", exit=5)[0] == "5"

    def test_stdin_stays_open(self):
        code = (
            "from netbasics.course.prompt import interact\n"
            "interact({})\n"
            "print('then:', input())\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            input="exit()\nnext\n",
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.stdout == "net> then: next\n"
        assert done.stderr == ""

    def test_without_any_input(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "stdin", None)
        interact({})
        assert capsys.readouterr().out == "net> \n"

    def test_what_is_changed_is_put_back(self, typed, monkeypatch):
        def own(value):
            raise AssertionError("not this one")

        monkeypatch.setattr(sys, "displayhook", own)
        typed("1\n")
        assert sys.displayhook is own
        assert not hasattr(sys, "ps1")


class TestMistakes:
    def test_a_traceback_begins_with_the_learner_s_line(self, typed):
        lines = """\
            x = 1
            def f():
                return x / 0

            # a comment
            f()
            """
        assert typed(lines)[1] == textwrap.dedent(
            """\
            Traceback (most recent call last):
              File "<prompt>", line 6, in <module>
                f()
              File "<prompt>", line 3, in f
                return x / 0
                       ~~^~~
            ZeroDivisionError: division by zero
            """
        )

    def test_one_in_what_is_awaited(self, typed):
        lines = """\
            async def f():
                raise ValueError("so")

            await f()
            """
        error = typed(lines)[1]
        assert error.startswith(
            'Traceback (most recent call last):\n  File "<prompt>", line 4, in '
        )
        assert error.count("File") == 2

    def test_one_that_is_no_python(self, typed):
        error = typed("1\n1 +* 2\n2 +\n'open\n\0\n")[1]
        assert 'File "<prompt>", line 2\n    1 +* 2\n' in error
        assert "Traceback" not in error
        assert error.count("SyntaxError") >= 3

    def test_a_repr_that_fails(self, typed):
        lines = """\
            class A:
                def __repr__(self):
                    raise KeyError("no repr")

            A()
            'goes on'
            """
        out, error = typed(lines)
        assert "KeyError: 'no repr'" in error
        assert out == "'goes on'"

    @pytest.mark.parametrize(
        "mistake",
        [
            "raise BaseException('bad')",
            "raise GeneratorExit",
            "raise asyncio.CancelledError",
            "def f(): f()\n\nf()",
            "raise ExceptionGroup('several', [ValueError()])",
            "raise KeyboardInterrupt",
        ],
    )
    def test_none_of_them_ends_it(self, typed, mistake):
        out, error = typed(f"{mistake}\n'goes on'\n", asyncio=asyncio)
        assert out == "'goes on'"
        assert error

    def test_nothing_keeps_its_objects_alive(self, typed):
        class Thing:
            alive = 0

            def __init__(self):
                Thing.alive += 1

            def __del__(self):
                Thing.alive -= 1

        typed("a = Thing()\nThing()\nThing().missing\n", Thing=Thing)
        gc.collect()
        assert Thing.alive == 0


class TestAwait:
    def test_values_and_blocks(self, typed):
        lines = """\
            import asyncio, contextlib
            await asyncio.sleep(0, "slept")
            async def numbers():
                yield 1
                yield 2

            async for n in numbers():
                print(n)

            [n async for n in numbers()]
            async with contextlib.aclosing(numbers()) as it:
                print(await anext(it))

            """
        out, err = typed(lines)
        assert out == "'slept'\n1\n2\n[1, 2]\n1"
        assert err == ""

    def test_one_loop_for_all_lines(self, typed):
        lines = """\
            import asyncio
            event = asyncio.Event()
            task = asyncio.create_task(event.wait())
            loop = asyncio.get_running_loop()
            event.set()
            await task
            task.get_loop() is loop
            asyncio.run(asyncio.sleep(0, "a loop of its own"))
            """
        out, err = typed(lines)
        assert out == "True\nTrue\n'a loop of its own'"
        assert err == ""

    def test_a_session_lives_on_between_lines(self, typed):
        from netbasics import servers

        def app(environ, start_response):
            start_response("200 OK", [("Content-Length", "5")])
            return [b"hello"]

        lines = """\
            import aiohttp
            session = aiohttp.ClientSession()
            answer = await session.get(server.url)
            await answer.text()
            other = aiohttp.ClientSession()
            """
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with servers.serve(app) as server:
                out, err = typed(lines, server=server)
            gc.collect()
        assert out == "'hello'"
        assert err == ""

    def test_what_is_left_is_ended(self, typed, caplog):
        told = []
        lines = """\
            import asyncio
            async def wait():
                try:
                    await asyncio.sleep(100)
                finally:
                    told.append("cancelled")

            async def steps():
                try:
                    yield 1
                finally:
                    await asyncio.sleep(0)
                    told.append("closed")

            task = asyncio.create_task(wait())
            it = steps()
            await anext(it)
            """
        out, err = typed(lines, told=told)
        assert out == "1"
        assert told == ["cancelled", "closed"]
        assert (err, caplog.text) == ("", "")

    @pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    )
    def test_what_will_not_end_is_left(self, typed):
        lines = """\
            import asyncio
            async def stay():
                while True:
                    try:
                        await asyncio.sleep(100)
                    except asyncio.CancelledError:
                        pass

            task = asyncio.create_task(stay(), name="stubborn")
            await asyncio.sleep(0)
            """
        out, _ = typed(lines)
        gc.collect()
        assert "Not ended in time: stubborn." in out

    def test_the_loop_of_the_program_is_not_touched(self, typed):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            typed("import asyncio\nawait asyncio.sleep(0)\n")
            assert asyncio.get_event_loop_policy().get_event_loop() is loop
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    @pytest.mark.anyio
    async def test_inside_a_running_loop_it_says_why_not(self, capsys):
        lines = "import asyncio\nawait asyncio.sleep(0)\n'goes on'\n"
        interact({}, stdin=io.StringIO(lines))
        out, err = capsys.readouterr()
        assert "RuntimeError" in err
        assert "'goes on'" in out


@pytest.fixture
def program(tmp_path):
    """A program with a prompt in it, to be run in a terminal."""
    path = tmp_path / "program.py"
    path.write_text(
        textwrap.dedent(
            """\
            import asyncio, time
            from netbasics.course.prompt import interact

            class Box:
                lid_of_the_box = 1

            names = {"box": Box(), "port_of_the_step": 8000,
                     "asyncio": asyncio, "time": time}
            print("before:", input("lesson> "))
            interact(names, banner="Hello.")
            print("after:", input("lesson> "))
            interact(names, banner="Hello again.")
            """
        ),
        "utf-8",
    )
    return [sys.executable, "-W", "error", str(path)]


@pytest.fixture(params=["readline", "dumb"])
def terminal(program, request):
    if request.param == "readline":
        pytest.importorskip("readline")
    env = PLAIN if request.param == "dumb" else {}
    with Terminal(program, env=env) as found:
        found.until("lesson> ")
        found.press("one\n")
        found.until("net> ")
        yield found


def abandon(terminal):
    """Press Ctrl-C until it is noticed.

    Python notes it and waits all the same, if it comes just when the wait
    begins. No person is that fast; a test may be.
    """
    for _ in range(5):
        terminal.press("\x03")
        with suppress(TimeoutError):
            return terminal.until("net> ", seconds=3)
    raise TimeoutError("Ctrl-C was not noticed")


def leave(terminal):
    """Leave both prompts; the program must end well."""
    terminal.press("\x04")
    terminal.until("lesson> ")
    terminal.press("two\n")
    terminal.until("net> ")
    terminal.press("exit()\n")
    assert terminal.ends() == 0
    assert terminal.as_before()
    assert "Traceback" not in terminal.plain(terminal.shown)


class TestTerminal:
    def test_ctrl_d_goes_back(self, terminal):
        terminal.press("6 * 7\n")
        assert "42" in terminal.until("net> ")
        leave(terminal)

    def test_ctrl_c_at_the_prompt_abandons_the_line(self, terminal):
        terminal.press("for n in range(3):\n")
        terminal.until("...  ")
        terminal.press("print('never')")
        terminal.until("('never')")  # what is not read yet, Ctrl-C discards
        assert "KeyboardInterrupt" in abandon(terminal)
        terminal.press("'on'\n")
        assert "'on'" in terminal.until("net> ")
        leave(terminal)

    @pytest.mark.parametrize(
        "line", ["time.sleep(60)", "await asyncio.sleep(60)"]
    )
    def test_ctrl_c_abandons_what_runs(self, terminal, line):
        terminal.press(f"print('be' + 'gun'); {line}\n")
        terminal.until("begun")
        assert "KeyboardInterrupt" in abandon(terminal)
        terminal.press("await asyncio.sleep(0, 'on')\n")
        assert "'on'" in terminal.until("net> ")
        leave(terminal)

    def test_tab_completes(self, program):
        pytest.importorskip("readline")
        with Terminal(program) as terminal:
            terminal.until("lesson> ")
            terminal.press("one\n")
            terminal.until("net> ")
            terminal.press("port_of\t + 1\n")
            assert "8001" in terminal.until("\nnet> ")
            terminal.press("box.lid\t + 1\n")
            assert "2" in terminal.until("\nnet> ")
            terminal.press("playgr\t.__name__\n")
            assert "netbasics.playground" in terminal.until("\nnet> ")
            terminal.press("urls.normal\t'HTTP://A/')\n")
            assert "'http://a/'" in terminal.until("\nnet> ")
            terminal.press("if True:\n")
            terminal.until("...  ")
            terminal.press("\tprint('indented')\n\n")
            assert "indented" in terminal.until("\nnet> ")
            leave(terminal)

    def test_each_has_its_own_history(self, program):
        pytest.importorskip("readline")
        with Terminal(program) as terminal:
            terminal.until("lesson> ")
            terminal.press("one\n")
            terminal.until("net> ")
            terminal.press("'only' + ' here'\n")
            assert "only here" in terminal.until("\nnet> ")
            terminal.press("\x04")
            terminal.until("lesson> ")
            terminal.press(f"{UP}{UP}{UP}\n")
            # The prompt's line is not in the lesson's history.
            assert "only" not in terminal.until("net> ")
            terminal.press(f"{UP}\n")
            assert "only here" in terminal.until("\nnet> ")
            terminal.press("\x04")
            assert terminal.ends() == 0

    @pytest.mark.skipif(
        not hasattr(signal, "SIGTSTP") or shutil.which("bash") is None,
        reason="needs a shell with job control",
    )
    @pytest.mark.parametrize("kind", ["xterm", "dumb"])
    def test_ctrl_z_and_back(self, program, kind):
        shell = ["bash", "--noprofile", "--norc", "-i"]
        env = {"TERM": kind, "PS1": "shell$ ", "HISTFILE": ""}
        with Terminal(shell, env=env) as terminal:
            terminal.until("shell$ ")
            terminal.press(" ".join(program) + "\n")
            terminal.until("lesson> ")
            terminal.press("one\n")
            terminal.until("net> ")
            terminal.press("kept = 20 + 1\n")
            terminal.until("net> ")
            terminal.press("kept ")
            terminal.until("kept ")  # what is not read yet, Ctrl-Z discards
            terminal.press("\x1a")
            assert "Stopped" in terminal.until("shell$ ")
            terminal.press("fg\n")
            terminal.until("program.py")
            # Python may not hear of the signal before the next key, where it
            # was stopped just when it began to wait.
            terminal.press("\n")
            terminal.until("net> ")
            terminal.press("\x15kept * 2\n")
            terminal.until("42")
            terminal.press("'on'\n")
            assert "'on'" in terminal.until("\nnet> ")
            terminal.press("time.sleep(0.3); print('sl' + 'ept')\n")
            terminal.until("slept")
            terminal.press("exit()\n")
            terminal.until("lesson> ")
            terminal.press("two\n")
            terminal.until("net> ")
            terminal.press("exit()\n")
            terminal.until("shell$ ")
            terminal.press("exit\n")
            assert terminal.ends() == 0
