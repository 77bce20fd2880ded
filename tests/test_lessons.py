"""All lessons: they run as scripts, and keep the habits of the course."""

import ast
import codeop
import re
import shutil
import subprocess
import sys

import pytest
from course_help import python

from netbasics.course import locate
from netbasics.course.steps import Part

SCRIPTS = locate.scripts()
NAMES = [
    "01_socket_programming",
    "02_http_clients",
    "03_http_servers",
    "04_url_handling",
    "05_api_integration",
    "06_practical_examples",
]
scripts = pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)


def test_the_six_lessons_are_there():
    assert [path.stem for path in SCRIPTS] == NAMES


@scripts
def test_a_script_runs_through_a_pipe(script):
    done = subprocess.run(
        python(script),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    lesson = locate.load(script)
    chunks = re.split(r"\n-{80}\nStep ", done.stdout)[1:]
    assert len(chunks) == len(lesson.steps)
    for step, chunk in zip(lesson.steps, chunks, strict=True):
        assert chunk.startswith(f"{step.number} of {len(chunks)}: {step.title}")
        shown = "\n  | " in chunk or "Skipped: this step needs" in chunk
        assert shown, f"step {step.number} shows no output:\n{chunk}"
        if "Skipped: " not in chunk:
            asked = [part for part in step.parts if part.question]
            assert chunk.count("\nQuestion: ") == len(asked)
            assert chunk.count("\nIn this run: ") == len(asked)
    long = [line for line in done.stdout.splitlines() if len(line) > 80]
    assert not long, "\n".join(long)


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("unshare"),
    reason="needs Linux namespaces",
)
@pytest.mark.timeout(120)
def test_all_lessons_need_no_network_but_loopback():
    isolated = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && "$@"', "-"]
    probe = subprocess.run(
        [*isolated, "true"], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"no namespaces here: {probe.stderr.decode().strip()}")
    done = subprocess.run(
        [*isolated, *python("-m", "netbasics", "learn", "--all", "--no-pause")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert done.stdout.count(", all done") == len(NAMES)


@scripts
def test_every_lesson_begins_and_ends_as_the_syllabus_asks(script):
    lesson = locate.load(script)
    assert lesson.title
    assert lesson.subtitle
    assert "you can" in lesson.introduction
    assert "minutes" in lesson.introduction
    # Three questions to check oneself.
    assert re.findall(r"^\d\.", lesson.closing, re.M) == ["1.", "2.", "3."]


@scripts
def test_every_answer_fits_in_a_line_and_has_a_reply(script):
    for step in locate.load(script).steps:
        for part in step.parts:
            if part.question:
                assert all(len(c) <= 70 for c in part.question.choices)
                replies = getattr(part.question, "replies", {}).values()
                assert all(replies)


@scripts
def test_every_part_can_be_pasted_into_a_repl(script):
    for step in locate.load(script).steps:
        for part in step.parts:
            if part.source:
                paste(part, f"{script.name}:{part.line}")


def paste(part: Part, where: str) -> None:
    """Feed a part to the compiler as the interactive prompt does."""
    pending = []
    for line in [*part.source.splitlines(), ""]:
        if not pending and not line.strip():
            continue
        pending.append(line)
        text = "\n".join(pending)
        try:
            complete = codeop.compile_command(text, where, "single")
        except SyntaxError as error:
            raise AssertionError(
                f"{where}: at the prompt this is an error; a block has no "
                f"blank line inside and one behind it:\n{text}"
            ) from error
        if complete is not None:
            pending = []
    assert not pending, f"{where}: never complete:\n" + "\n".join(pending)


def test_the_check_of_pasting_can_fail():
    for bad in ["if 1:\n    x = 1\ny = 2", "if 1:\n    x = 1\n\n    y = 2"]:
        with pytest.raises(AssertionError, match="blank line"):
            paste(Part("", bad, 1, None), "here")


@scripts
def test_lessons_use_public_names_only(script):
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            assert node.attr.startswith("__"), f"{script.name}: {node.attr}"


@scripts
def test_a_script_without_the_package_says_which_command_to_run(
    script, tmp_path
):
    # -I leaves out the script's folder and the environment, -S site-packages.
    code = f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=50,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "pip install" in done.stderr
