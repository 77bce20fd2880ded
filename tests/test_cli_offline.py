"""`netbasics offline`: any Python program, and the ones that it starts."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from course_help import python

OFFLINE = python("-m", "netbasics", "offline")

# The requests of the textbooks, as they are printed there.
TEXTBOOK = """
import asyncio
import json
import socket
import time
from urllib.request import urlopen

import aiohttp
import requests

response = requests.get("https://api.github.com/users/octocat")
print("requests:", response.status_code, response.json()["login"])

with urlopen("https://httpbin.org/post", data=b"name=Ada") as response:
    print("urllib:", json.load(response)["form"])


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get("https://api.example.com/users/1") as response:
            print("aiohttp:", response.status, (await response.json())["id"])


asyncio.run(main())

with socket.create_connection(("www.example.com", 80)) as sock:
    sock.sendall(
        b"GET / HTTP/1.1\\r\\n"
        b"Host: www.example.com\\r\\n"
        b"Connection: close\\r\\n\\r\\n"
    )
    answer = b"".join(iter(lambda: sock.recv(4096), b""))
print("socket:", answer.split(b"\\r\\n")[0], b"Example Domain" in answer)

start = time.monotonic()
try:
    requests.get("https://pypi.org/")
except requests.ConnectionError as error:
    seconds = time.monotonic() - start
    print("other:", seconds < 0.1, "this is the offline internet" in str(error))
"""
PRINTED = """\
requests: 200 octocat
urllib: {'name': 'Ada'}
aiohttp: 200 1
socket: b'HTTP/1.1 200 OK' True
other: True True
"""

LOOK = "import socket; print(socket.gethostbyname('example.com'))"
ASK = "import requests; print(requests.get('https://example.com/').status_code)"


def run(*arguments, command=OFFLINE, **options):
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        **{"stdin": subprocess.DEVNULL} | options,
    )


def output(*arguments, **options):
    done = run(*arguments, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_textbook_code_runs_as_it_is_printed(tmp_path):
    script = tmp_path / "textbook.py"
    script.write_text(TEXTBOOK)
    assert output(str(script)) == PRINTED


def test_textbook_code_runs_where_there_is_no_network_at_all(tmp_path):
    alone = ["unshare", "-rn"]
    if (
        shutil.which("ip") is None
        or shutil.which("unshare") is None
        or run("true", command=alone).returncode
    ):
        pytest.skip("needs Linux, ip and unshare -rn")
    script = tmp_path / "textbook.py"
    script.write_text(TEXTBOOK)
    up = 'ip link set lo up && exec "$@"'
    command = [*alone, "sh", "-c", up, "sh", *OFFLINE]
    assert output(str(script), command=command) == PRINTED


def test_arguments_belong_to_the_program(tmp_path):
    script = tmp_path / "args.py"
    script.write_text("import sys; print(sys.argv, __name__)")
    arguments = ["--help", "-c", "--", "-h", ""]
    expected = f"{[str(script), *arguments]} __main__\n"
    assert output(str(script), *arguments) == expected
    code = "import sys; print(sys.argv)"
    assert output("-c", code, "-h", "-x") == "['-c', '-h', '-x']\n"
    text = output("-m", "json.tool", "--help")
    assert "json.tool" in text
    assert "netbasics" not in text


def test_a_program_from_standard_input():
    for arguments in ([], ["-"]):
        done = run(*arguments, stdin=None, input=LOOK)
        assert done.stdout.startswith("127.")


def test_the_programs_end_is_ours(tmp_path):
    assert run("-c", "raise SystemExit(7)").returncode == 7
    done = run("-c", "1 / 0")
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert "netbasics" not in done.stderr
    missing = run(str(tmp_path / "none.py"))
    assert missing.returncode == 2
    assert "none.py" in missing.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_signals_reach_the_program():
    die = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run("-c", die).returncode == 128 + signal.SIGKILL
    wait = (
        "import signal, sys, time\n"
        "def end(number, frame): sys.exit(number)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "signal.signal(signal.SIGINT, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(40)\n"
    )
    for number, whom in (
        (signal.SIGTERM, os.kill),
        (signal.SIGINT, os.killpg),  # as a terminal does it
    ):
        with subprocess.Popen(
            [*OFFLINE, "-c", wait],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            assert process.stdout.readline() == b"ready\n"
            whom(process.pid, number)
            assert process.wait(20) == number


CHILDREN = {
    "run": "subprocess.run([sys.executable, '-c', CODE], check=True)",
    "own environment": (
        "subprocess.run([sys.executable, '-c', CODE], env={}, check=True)"
    ),
    "bytes": ("subprocess.run([sys.executable, '-c', CODE], env={b'A': b'1'})"),
    "own PYTHONPATH": (
        "subprocess.run([sys.executable, '-c', CODE], "
        "env={**os.environ, 'PYTHONPATH': 'x'})"
    ),
    "shell": "os.system(f'{sys.executable} -c \"{CODE}\"')",
    "exec": "os.execve(sys.executable, [sys.executable, '-c', CODE], {})",
    "spawn": (
        "os.waitpid(os.posix_spawn("
        "sys.executable, [sys.executable, '-c', CODE], {}), 0)"
    ),
    "asyncio": (
        "asyncio.run(child())\n"
        "async def child():\n"
        "    process = await asyncio.create_subprocess_exec("
        "sys.executable, '-c', CODE, env={})\n"
        "    await process.wait()"
    ),
    "a grandchild": (
        "subprocess.run([sys.executable, '-c', "
        "f'import subprocess, sys; "
        'subprocess.run([sys.executable, "-c", {CODE!r}])\'])'
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="needs posix_spawn")
@pytest.mark.parametrize("way", CHILDREN)
def test_python_child_processes_are_inside(way):
    first, _, rest = CHILDREN[way].partition("\n")
    code = (
        "import asyncio, os, subprocess, sys\n"
        f"CODE = {ASK!r}\n{rest}\n{first}\n"
    )
    assert output("-c", code) == "200\n"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_is_inside(tmp_path, method):
    script = tmp_path / "several.py"
    script.write_text(
        "import multiprocessing, requests\n"
        "def ask(url):\n"
        "    print(requests.get(url).status_code)\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context({method!r})\n"
        "    process = context.Process(\n"
        "        target=ask, args=['https://example.com/'])\n"
        "    process.start()\n"
        "    process.join()\n"
    )
    assert output(str(script)) == "200\n"


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_who_is_started_to_see_nothing_of_it_is_outside(option):
    code = (
        "import subprocess, sys\n"
        "look = 'import _socket; print(_socket.getaddrinfo)'\n"
        f"subprocess.run([sys.executable, {option!r}, '-c', look])"
    )
    assert output("-c", code) == "<built-in function getaddrinfo>\n"


def test_children_share_one_internet():
    user = {"name": "Lin", "email": "lin@example.com"}
    code = (
        "import requests, subprocess, sys\n"
        "base = 'https://api.example.com/users'\n"
        f"place = requests.post(base, json={user!r}).headers['Location']\n"
        "look = f'import requests; '"
        "f'print(requests.get(\"http://api.example.com{place}\").text)'\n"
        "subprocess.run([sys.executable, '-c', look])\n"
    )
    assert json.loads(output("-c", code))["name"] == "Lin"


def test_proxies_of_the_environment_do_not_count():
    env = {
        **os.environ,
        "http_proxy": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "localhost",
    }
    assert output("-c", ASK, env=env) == "200\n"


def test_a_sitecustomize_of_somebody_else_still_runs(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("print('theirs')")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    text = output(
        "-c",
        "import sitecustomize, sys; print(sitecustomize.__file__, sys.path)",
        env=env,
    )
    assert text.startswith(f"theirs\ntheirs\n{tmp_path}")
    assert "shim" not in text


def test_modules_of_the_program_do_not_get_in_the_way(tmp_path):
    for name in ("requests", "ssl", "certs"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('wrong one')")
    script = tmp_path / "look.py"
    script.write_text(LOOK)
    assert output(str(script)).startswith("127.")


def test_it_does_not_nest_and_says_so():
    block = "from netbasics import playground; playground.internet().start()"
    done = run("-c", block)
    assert "does not nest" in done.stderr
    again = [sys.executable, "-m", "netbasics", "offline", "-c", "pass"]
    done = run("-c", f"import subprocess; subprocess.run({again!r})")
    assert "does not nest" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["-I", "-X", "--version", "-Wd"])
def test_options_for_python_are_refused(option):
    done = run(option, "-c", "print(1)")
    assert done.returncode == 2
    assert "PYTHONDEVMODE" in done.stderr


def test_help_comes_first_only():
    for name in ("-h", "--help"):
        assert "netbasics offline" in output(name)


def test_a_python_that_cannot_be_taken_in_is_not_started(tmp_path):
    """Better no program than one that is not offline."""
    broken = {**os.environ, "NETBASICS_OFFLINE": "no JSON"}
    shim = output(
        "-c",
        "import os; print(os.environ['PYTHONPATH'].split(os.pathsep)[0])",
    ).strip()
    broken["PYTHONPATH"] = shim
    done = run(command=[sys.executable, "-c", "print('online')"], env=broken)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be taken in" in done.stderr


def test_nothing_of_it_outside():
    before = dict(os.environ)
    output("-c", LOOK)
    assert dict(os.environ) == before
    look = "import _socket, sys; print(_socket.getaddrinfo, sys.path)"
    text = output("-c", look, command=[sys.executable])
    assert "built-in" in text
    assert "shim" not in text
