"""One check in a process of its own: whatever the learner's file does."""

import os
import threading
import time
from textwrap import dedent

import pytest
from practice_help import RIGHT, SQUARED, exercise

from netbasics import practice
from netbasics.practice.checking import Cancelled, check, check_text
from netbasics.practice.messages import tell


@pytest.fixture
def double(tmp_path):
    return exercise(tmp_path / "course")


@pytest.fixture
def found(double):
    def found(source, **options):
        text = source if isinstance(source, bytes) else dedent(source).encode()
        return check_text(double, text, **options)

    return found


def test_a_right_answer_passes(found):
    assert found(RIGHT).kind == "passed"


def test_the_stub_is_not_written(double):
    assert check(double, double.stub).kind == "not written"


def test_a_wrong_answer_says_what_came_and_what_should_have(found):
    finding = found(SQUARED)
    assert finding.kind == "failed"
    assert finding.called == "double(3)"
    assert finding.expected == "it returns 6"
    assert finding.got == "it returned 9"
    assert finding.mistake == "It was squared."
    assert finding.story == "No peer is needed."


@pytest.mark.parametrize(
    "text",
    [
        RIGHT.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + RIGHT.encode(),
        RIGHT.replace("    ", "\t").encode(),
        b"# coding: latin-1\nname = '\xe9'\n" + RIGHT.encode(),
        RIGHT.rstrip().encode(),
    ],
    ids=["CRLF", "BOM", "tabs", "latin-1", "no end of line"],
)
def test_a_file_as_some_editors_write_it_passes(found, text):
    assert found(text).kind == "passed"


@pytest.mark.parametrize(
    "source",
    [
        "import functools\n@functools.cache\ndef double(n): return 2 * n",
        "def wrap(f):\n    return lambda *a: f(*a)\n"
        "@wrap\ndef double(n): return 2 * n",
        "double = lambda n: 2 * n",
        "class Doubler:\n    def __call__(self, n): return 2 * n\n"
        "double = Doubler()",
        "import functools, operator\n"
        "double = functools.partial(operator.mul, 2)",
        "import asyncio\nasync def later(n): return 2 * n\n"
        "def double(n): return asyncio.run(later(n))",
        "import threading\ndef double(n):\n    came = []\n"
        "    t = threading.Thread(target=lambda: came.append(2 * n))\n"
        "    t.start(); t.join()\n    return came[0]",
        "from dataclasses import dataclass\n@dataclass\nclass N:\n    n: int\n"
        "def double(n): return 2 * N(n).n",
        "def double(n, times=2): return n * times",
        "import sys\nsys.stdout.close()\ndef double(n): return 2 * n",
    ],
)
def test_a_right_answer_of_any_style_passes(found, source):
    finding = found(source)
    assert finding.kind == "passed", finding


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("def double(n)\n    return n", "no syntax", "expected ':'"),
        ("def double(n):\nreturn n", "no syntax", "indented"),
        ("x = '\0'", "no syntax", "null bytes"),
        (b"x = '\xff\xfe'", "no syntax", "utf-8"),
        ("import nowhere", "failed", "No module named 'nowhere'"),
        ("1 / 0", "failed", "ZeroDivisionError"),
        ("", "not there", "the file must define it"),
        ("# def double(n):\n#     return n", "not there", "must define it"),
        ("double = 3", "not there", "cannot be called"),
        ("def double(): return 2", "signature", "than in the stub"),
        ("def double(a, b): return 2", "signature", "than in the stub"),
        ("async def double(n): return n", "signature", "async def double(n)"),
        ("def double(n): pass", "failed", "it returned None"),
        ("import sys\nsys.exit()", "exits", "sys.exit()"),
        ("def double(n): raise SystemExit(3)", "exits", "sys.exit()"),
        ("def double(n): raise KeyboardInterrupt", "failed", "Keyboard"),
        ("import pytest\ndef double(n): pytest.skip()", "failed", "Skipped"),
        ("import os\nos._exit(0)", "exits", "os._exit()"),
        ("import os\ndef double(n): os.abort()", "crashes", "SIGABRT"),
        (
            "import ctypes\ndef double(n):\n    ctypes.string_at(0)",
            "crashes",
            "SIGSEGV",
        ),
        ("def double(n):\n    while True: print('x' * 99)", "floods", "x"),
        ("def double(n):\n    return double(n)", "failed", "RecursionError"),
    ],
)
def test_a_danger_has_its_own_clear_message(double, found, source, kind, words):
    finding = found(source)
    assert finding.kind == kind, finding
    told = tell(double, finding)
    assert words in " ".join(told.split()), told
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    ("source", "does", "line"),
    [
        ("def double(n):\n    while True:\n        pass", "loop", None),
        ("while True:\n    pass", "loop", None),
        (
            "import threading\ndef double(n):\n    threading.Event().wait()",
            "waits for ever",
            3,
        ),
        (
            "import asyncio\nasync def later():\n"
            "    await asyncio.Event().wait()\n"
            "def double(n):\n    asyncio.run(later())",
            "waits for ever",
            3,
        ),
        (
            "import re\ndef double(n):\n    re.match('(a+)+$', 'a' * 64 + 'b')",
            "did not react",
            3,
        ),
    ],
    ids=["loop", "import", "wait", "await", "regex"],
)
def test_a_hang_is_stopped_and_says_on_which_line(found, source, does, line):
    finding = found(source)
    assert finding.kind == "hangs"
    assert does in finding.headline
    assert finding.lines
    assert line is None or finding.lines[-1].number == line


def test_what_was_printed_is_told_and_cannot_move_the_cursor(double, found):
    finding = found("def double(n):\n    print('\\x1b[2Jhere')\n    return 9")
    told = tell(double, finding)
    assert "  | \\x1b[2Jhere" in told


def test_memory_is_limited(found):
    source = "def double(n):\n    x = []\n    while True: x.append(' ' * 2**24)"
    finding = found(source)
    assert "MemoryError" in finding.got or finding.kind == "hangs"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("open('{outside}', 'w')", "scratch folder only"),
        ("os.remove('{outside}')", "scratch folder only"),
        ("os.symlink('x', '{outside}.link')", "scratch folder only"),
        ("sqlite3.connect('{outside}.db')", "scratch folder only"),
        ("shutil.rmtree('{folder}')", "scratch folder only"),
        ("subprocess.run(['true'])", "no other program"),
        ("os.system('true')", "no other program"),
        ("os.fork()", "no other program"),
        ("os.kill(1, 0)", "no other program"),
        ("socket.create_connection(('192.0.2.1', 9), 1)", "this machine"),
        ("socket.create_server(('', 0))", "this machine"),
        ("socket.gethostbyname('example.com')", "not known"),
        ("socket.create_connection(('example.com', 80), 1)", "not known"),
    ],
)
def test_nothing_outside_is_touched(found, tmp_path, body, refusal):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    body = body.format(outside=outside, folder=tmp_path)
    modules = "os, shutil, socket, sqlite3, subprocess"
    finding = found(f"import {modules}\ndef double(n):\n    {body}")
    assert finding.kind == "failed"
    assert refusal in finding.got
    assert sorted(p.name for p in tmp_path.iterdir()) == ["course", "outside"]
    assert outside.read_text() == "mine"


def test_files_in_the_scratch_folder_are_fine(found):
    source = """\
        import os, tempfile
        def double(n):
            with open("here", "w") as file:
                file.write("x")
            os.replace("here", "there")
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"x")
            return 2 * n
    """
    finding = found(source)
    assert finding.kind == "passed", finding


def test_a_file_beside_that_is_called_as_a_standard_module_hides_nothing(
    double, tmp_path
):
    (tmp_path / "socket.py").write_text("raise RuntimeError('hidden')")
    source = tmp_path / "double.py"
    source.write_text("import socket\n" + RIGHT)
    assert check(double, source).kind == "passed"


def test_a_changed_test_is_used_only_where_it_is_asked_for(double, tmp_path):
    weak = tmp_path / "test_double.py"
    weak.write_text("def test_it(check):\n    pass\n")
    assert check_text(double, SQUARED.encode(), test=weak).kind == "passed"
    assert check_text(double, SQUARED.encode()).kind == "failed"


@pytest.mark.parametrize(
    "test", ["", "def test(check) return", "def test_it(check):\n    1 / 0"]
)
def test_a_broken_check_is_not_the_learners_fault(double, tmp_path, test):
    broken = tmp_path / "test_double.py"
    broken.write_text(test)
    finding = check_text(double, RIGHT.encode(), test=broken)
    assert finding.kind == "broken check"


def test_a_check_can_be_given_up(double):
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        check_text(double, b"while True: pass", cancelled=stop.is_set)
    assert time.monotonic() - began < 1.4


def test_nothing_stays_behind(found, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    found("open('left', 'w').close()\nimport time\ntime.sleep(60)")
    assert not list(scratch.iterdir())


def test_a_missing_file_is_an_os_error(double, tmp_path):
    with pytest.raises(FileNotFoundError):
        check(double, tmp_path / "nowhere.py")


def test_proxies_and_pytest_options_of_the_machine_change_nothing(
    found, monkeypatch
):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    source = "import os\ndef double(n):\n    return 2 * n"
    source += " if 'http_proxy' not in os.environ else 0"
    assert found(source).kind == "passed"


def test_the_real_exercise_tells_what_passed_on_the_wire():
    recv_exactly = practice.find("recv_exactly")
    bare = recv_exactly.place / "mistakes" / "bare_recv.py"
    told = tell(recv_exactly, check(recv_exactly, bare))
    assert "recv_exactly(<a socket to 127.0.0.1:" in told
    assert "1 byte" in told
    assert "Your lines that led there" in told
    assert os.fspath(recv_exactly.place) not in told
