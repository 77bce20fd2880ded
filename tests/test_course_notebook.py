"""Lessons as notebooks: they are valid, and run in a fresh kernel."""

import ast
import asyncio
import importlib.util
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from course_help import HEAD, make, write

from netbasics.course import Need, kernel, locate
from netbasics.course.notebook import indented, notebook
from netbasics.course.sharing import bound, used

JUPYTER = ("nbformat", "nbclient", "ipykernel")
needs_jupyter = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, JUPYTER)),
    reason=f"needs {', '.join(JUPYTER)}",
)
# In a process of its own: its event loop and its warnings are not ours.
RUNNER = """
import sys
import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from traitlets.config import Config

source, target = sys.argv[1:]
document = nbformat.read(source, as_version=4)
nbformat.validate(document)
config = Config()
if sys.platform == "linux":  # elsewhere the path would be too long
    config.KernelManager.transport = "ipc"  # sockets in a folder, no ports
manager = AsyncKernelManager(kernel_name="python3", config=config)
NotebookClient(document, km=manager, timeout=60).execute()
nbformat.write(document, target)
"""
SCRIPTS = locate.scripts()


def cells_of(lesson):
    return json.loads(notebook(lesson))["cells"]


def source_of(cell):
    return "".join(cell["source"])


def code_of(lesson):
    cells = cells_of(lesson)
    return [source_of(cell) for cell in cells if cell["cell_type"] == "code"]


def prose_of(lesson):
    cells = cells_of(lesson)
    return [source_of(c) for c in cells if c["cell_type"] == "markdown"]


def run_plainly(lesson):
    """Run the code cells in one namespace, and return what they print."""
    names: dict[str, object] = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()) as printed:
        for source in code_of(lesson):
            exec(source, names)
    return printed.getvalue()


def isolated():
    """A command that starts others with no network but loopback, if it can."""
    command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && "$@"', "-"]
    if sys.platform == "linux" and shutil.which("unshare"):
        probe = subprocess.run(
            [*command, "true"], capture_output=True, check=False
        )
        if probe.returncode == 0:
            return command
    return []


def in_a_kernel(path, folder):
    """Run a notebook; return the process, and the notebook with its output.

    The folder is for this kernel alone: its sockets have fixed names there.
    """
    done = folder / f"{path.stem}.done.ipynb"
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    env = {
        **os.environ,
        **{name: str(folder / name[8]) for name in places},
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(folder / "ipy"),
        "HOME": str(folder),
    }
    process = subprocess.run(
        [*isolated(), sys.executable, "-c", RUNNER, str(path), str(done)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=env,
        check=False,
    )
    found = json.loads(done.read_text("utf-8")) if done.exists() else None
    return process, found


@pytest.fixture(scope="module")
def short_folder():
    """A folder with a short name: a socket's path has about 100 signs."""
    with tempfile.TemporaryDirectory(prefix="nb-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def ran(short_folder):
    """All lessons, each run in a kernel of its own, three at a time."""

    # Written one after the other: `ast.parse` in several threads at once can
    # fail on Python 3.11 ("AST constructor recursion depth mismatch").
    for script in SCRIPTS:
        folder = short_folder / script.name[:2]
        folder.mkdir()
        document = notebook(locate.load(script))
        (folder / f"{script.stem}.ipynb").write_text(document, "utf-8")

    def run(script):
        folder = short_folder / script.name[:2]
        return script, in_a_kernel(folder / f"{script.stem}.ipynb", folder)

    with ThreadPoolExecutor(3) as pool:
        return dict(pool.map(run, SCRIPTS))


@needs_jupyter
@pytest.mark.timeout(150)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_every_lesson_runs_in_a_fresh_kernel_without_a_network(script, ran):
    process, document = ran[script]
    assert process.returncode == 0, process.stderr[-4000:]
    written = {}
    for cell in document["cells"]:
        for output in cell.get("outputs", []):
            assert output["output_type"] == "stream", (cell["id"], output)
            assert output["name"] == "stdout", (cell["id"], output)
            written.setdefault(cell["id"][:2], []).append(output["text"])
    for step in locate.load(script).steps:
        assert f"{step.number:02}" in written, f"{step.name} prints nothing"


@needs_jupyter
@pytest.mark.timeout(120)
def test_a_cell_that_fails_is_noticed(tmp_path, short_folder):
    lesson = make(tmp_path, STEPS + "    raise RuntimeError('on purpose')\n")
    path = short_folder / "failing.ipynb"
    path.write_text(notebook(lesson), "utf-8")
    process, document = in_a_kernel(path, short_folder)
    assert process.returncode != 0
    assert "on purpose" in process.stderr
    assert document is None


STEPS = '''

@lesson.step
def first():
    """First things first.

    Look at `socket`.
    """
    socket = open = 5
    print("first:", socket, open)

    """What came is a number."""


@lesson.step(deeper=True)
def second():
    """Second."""
    print("second:", socket.AF_INET.name, callable(open))
'''


def test_a_step_does_not_get_what_another_has_called_the_same(tmp_path):
    lesson = make(tmp_path, STEPS)
    assert run_plainly(lesson) == "first: 5 5\nsecond: AF_INET True\n"
    last = code_of(lesson)[-1]
    assert "import socket\n" in last
    assert "from builtins import open\n" in last
    assert last.startswith("# A step before this one")


def test_what_is_not_used_again_is_not_repeated(tmp_path):
    lesson = make(tmp_path, STEPS + STEPS.replace("socket", "sock"))
    assert not any("import sock\n" in source for source in code_of(lesson))
    # Once repeated and unchanged since then, it is not repeated again.
    thrice = STEPS + STEPS[STEPS.index("@lesson.step(deeper") - 1 :].replace(
        "second", "third"
    )
    sources = code_of(make(tmp_path, thrice))
    assert sum("import socket\n" in source for source in sources[2:]) == 1


def test_cells_follow_the_lesson_in_its_order(tmp_path):
    lesson = make(tmp_path, STEPS)
    lesson.ends("That was all.")
    cells = cells_of(lesson)
    kinds = [(cell["id"], cell["cell_type"]) for cell in cells]
    assert kinds == [
        ("title", "markdown"),
        ("setup", "code"),
        ("names", "markdown"),
        ("imports", "code"),
        ("01-first-1-prose", "markdown"),
        ("01-first-1-code", "code"),
        ("01-first-2-prose", "markdown"),
        ("02-second-1-prose", "markdown"),
        ("02-second-1-code", "code"),
        ("closing", "markdown"),
    ]
    prose = prose_of(lesson)
    assert prose[0].startswith("# Lesson 7: Small\n\n*A lesson for tests.*")
    assert prose[2] == "## 1. First things first\n\nLook at `socket`."
    assert "## 2. Second *(deeper)*" in prose[4]
    assert "That was all." in prose[5]


def test_the_head_of_the_script_is_not_in_the_notebook():
    for script in SCRIPTS:
        lesson = locate.load(script)
        setup, imports, *steps = code_of(lesson)
        assert "prepare()" in setup
        assert imports.startswith(lesson.imports)
        assert "ModuleNotFoundError" not in imports
        assert "pip install" not in imports
        assert "Lesson(" not in "\n".join([imports, *steps])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_every_step_of_every_lesson_is_there_with_all_its_code(script):
    lesson = locate.load(script)
    cells = cells_of(lesson)
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each) for each in ids)
    by_id = {cell["id"]: ast.dump(ast.parse(source_of(cell)))
             for cell in cells if cell["cell_type"] == "code"}  # fmt: skip
    for step in lesson.steps:
        for number, part in enumerate(step.parts, 1):
            if part.source:
                dump = by_id[f"{step.number:02}-{step.name[:40]}-{number}-code"]
                body = ast.dump(ast.parse(part.source))
                inner = body.removeprefix("Module(body=[").rpartition("]")[0]
                inner = inner.removesuffix("], type_ignores=[")
                assert inner in dump


def test_the_same_lesson_gives_the_same_text(tmp_path):
    path = write(tmp_path, STEPS)
    one, two = notebook(locate.load(path)), notebook(locate.load(path))
    assert one == two
    assert one.endswith("}\n")


def test_a_step_that_is_skipped_gives_names_their_meaning_back_all_the_same(
    tmp_path,
):
    skipped = """

@lesson.step(needs=[Need("a moon", lambda: False)])
def unmet():
    'Unmet.'
    print(socket.AF_INET.name)


@lesson.step(needs=[Need("a second sun", lambda: open is not None)])
def met():
    'Met.'
    print(socket.AF_INET.name)
"""
    first, second = STEPS.split("@lesson.step(deeper=True)")
    lesson = make(
        tmp_path, f"{first}{skipped}\n\n@lesson.step(deeper=True){second}"
    )
    assert run_plainly(lesson) == (
        "first: 5 5\nSkipped: this step needs a moon.\nAF_INET\n"
        "second: AF_INET True\n"
    )


ASKED = '''

from netbasics.course import Choice, Number, Text

@lesson.step(ask=[
    Choice(
        "Is `1 < 2`?",
        {"yes, `1 < 2`": "It is.", "no": "Count again."},
        truth="no",
    ),
    Number("How many?", truth=3, unit="bytes", right="Three.", low="More.",
           high="Fewer.", part=2),
    Text("Which word?", truth=lambda ran: "b", right="B.", wrong="Not that.",
         replies={"c": "Close."}, part=3),
])
def asked():
    """Asked."""
    a = 1

    """Then."""
    b = 2

    """And then."""
    c = 3
'''


def test_questions_stand_before_their_code_with_their_answers_folded(tmp_path):
    cells = cells_of(make(tmp_path, ASKED))
    ids = [cell["id"] for cell in cells]
    for part in (1, 2, 3):
        at = ids.index(f"01-asked-{part}-question")
        assert ids[at + 1] == f"01-asked-{part}-code"
    first, second, third = [
        source_of(cell) for cell in cells if cell["id"].endswith("question")
    ]
    assert "**Question:** Is `1 < 2`?" in first
    assert "<summary>yes, <code>1 &lt; 2</code></summary>\n\nIt is." in first
    assert first.count("<details>") == first.count("</details>") == 2
    assert "The answer</summary>\n\n3" in second
    assert second.count("<details>") == 4
    assert "c</summary>\n\nClose." in third
    assert "Not that." in third
    # Nothing is given away above the fold.
    for text in (first, second, third):
        shown = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
        for reply in ("It is.", "Count again", "Three", "More", "Close"):
            assert reply not in shown


NEEDY = '''

def never():
    return DOUBT


DOUBT = False
UNUSED = "not for a notebook"
STAR = Need("a second sun", never)
NIGHT = Need("a night", lambda: True)


@lesson.step(needs=[STAR, NIGHT])
def impossible():
    """Impossible."""
    text = """two
lines"""
    print("this never runs", text)

    """Still not."""
    print("nor does this")


@lesson.step(needs=[NIGHT])
def possible():
    """Possible."""
    text = """two
  lines"""
    print(text)
'''


def test_a_step_whose_needs_are_not_met_says_so_and_does_nothing(tmp_path):
    lesson = make(tmp_path, NEEDY)
    printed = run_plainly(lesson)
    assert printed == ("Skipped: this step needs a second sun.\ntwo\n  lines\n")
    names = code_of(lesson)[1]
    assert "def never():" in names
    assert "DOUBT = False" in names
    assert "from netbasics.course import Need\n" in names
    assert "UNUSED" not in names


def test_code_is_indented_without_a_change_to_its_strings():
    source = textwrap.dedent('''\
        def f():
            return """a
        b
              c"""

        x = f"""{1}
        d"""
        y = [
            1,
        ]''')
    body = ast.parse(f"if True:\n{indented(source)}").body[0].body
    assert ast.dump(ast.Module(body, [])) == ast.dump(ast.parse(source))


def test_code_is_the_scripts_own_also_where_a_string_begins_at_the_margin(
    tmp_path,
):
    steps = NEEDY.replace("  lines", "lines\n\n  more")
    assert "two\nlines\n\n  more\n" in run_plainly(make(tmp_path, steps))


def test_names_that_code_binds_and_speaks_of():
    source = (
        "import a.b, c as d\nfrom e import f\ng = h.i\n"
        "def j(k):\n    global z\n    z = l = 1\n"
        "class M:\n    n = 1\n"
        "for o, (p, *q) in []:\n    pass\n"
        "with r as s:\n    pass\n"
        "try:\n    pass\nexcept T as u:\n    pass\n"
        "[v for v in w]\nif (x := 1):\n    pass\n"
    )
    assert bound(source) == set("adfgjzMopqsux")
    assert {"h", "r", "T", "w"} <= used(source)


async def value_of(value):
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def restored(monkeypatch):
    """What `prepare` changes is put back afterwards."""
    monkeypatch.setattr(asyncio, "run", asyncio.run)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    handlers = logging.getLogger("netbasics").handlers
    monkeypatch.setattr(logging.getLogger("netbasics"), "handlers", handlers[:])


@pytest.mark.anyio
async def test_asyncio_run_works_inside_a_running_loop(restored):
    with pytest.raises(RuntimeError, match="running event loop"):
        asyncio.run(unused := value_of(1))
    unused.close()
    kernel.prepare()
    run = asyncio.run
    kernel.prepare()
    assert asyncio.run is run
    assert asyncio.run(value_of(7)) == 7
    with pytest.raises(LookupError, match="lost"):
        asyncio.run(value_of(LookupError("lost")))
    with pytest.raises(ValueError, match="coroutine was expected"):
        asyncio.run(7)


@pytest.mark.anyio
async def test_a_loop_within_a_loop_of_the_step_is_refused_as_ever(restored):
    kernel.prepare()

    async def outer():
        inner = value_of(1)
        try:
            return asyncio.run(inner)
        finally:
            inner.close()

    with pytest.raises(RuntimeError, match="running event loop"):
        asyncio.run(outer())


def test_outside_of_a_notebook_nothing_is_replaced(restored):
    run = asyncio.run
    kernel.prepare()
    assert asyncio.run is run
    assert asyncio.run(value_of(7)) == 7


INTERRUPTED = """
import asyncio, os, signal, threading, time
from netbasics.course import kernel

ended = []

async def long():
    asyncio.get_running_loop().call_soon(
        os.kill, os.getpid(), signal.SIGINT
    )
    try:
        await asyncio.sleep(60)
    finally:
        ended.append(True)

async def cell():
    kernel.prepare()
    asyncio.run(long())

began = time.monotonic()
loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(cell())
except KeyboardInterrupt:
    print("interrupted", ended, time.monotonic() - began < 30)
loop.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_an_interrupt_ends_the_coroutine_too():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stdout == "interrupted [True] True\n", done.stderr


def test_requests_to_this_machine_are_kept_off_proxies(monkeypatch):
    monkeypatch.setenv("no_proxy", "intranet.example")
    monkeypatch.setenv("NO_PROXY", "")
    kernel.keep_off_proxies()
    expected = "intranet.example,127.0.0.1,localhost,::1"
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == expected
    kernel.keep_off_proxies()
    assert os.environ["no_proxy"] == expected


def test_can_run_names_all_that_is_missing(capsys):
    no = Need("a moon", lambda: False), Need("a sun", lambda: False)
    assert kernel.can_run([Need("air", lambda: True)])
    assert not kernel.can_run(no)
    assert capsys.readouterr().out == (
        "Skipped: this step needs a moon and a sun.\n"
    )


def test_the_small_lesson_of_these_tests_has_no_try():
    """`HEAD` imports plainly; the real lessons' head is tested above."""
    assert "try:" not in HEAD
