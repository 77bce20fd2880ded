"""`netbasics lab`: the list, one peer, the table."""

import re
import shlex
import shutil
import signal
import subprocess
import sys

import pytest
from course_help import python
from terminals import Terminal

from netbasics import lab


def netbasics_lab(*arguments):
    return subprocess.run(
        python("-m", "netbasics", "lab", *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


class Running:
    """`netbasics lab NAME` in a pipe, until the block ends."""

    def __init__(self, name):
        self.process = subprocess.Popen(
            python("-u", "-m", "netbasics", "lab", name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.text = ""

    def __enter__(self):
        for line in self.process.stdout:
            self.text += line
            if line.startswith("Ctrl-C"):
                return self
        errors = self.process.communicate()[1]
        pytest.fail(f"it ended: {errors}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def commands(self):
        return re.findall(r"^  ((?:curl|python) .*)$", self.text, re.M)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        out, errors = self.process.communicate(timeout=20)
        return self.process.returncode, out, errors


def run_line(line):
    first, *rest = shlex.split(line)
    if first == "python":
        first = sys.executable
    return subprocess.run(
        [first, *rest], capture_output=True, text=True, timeout=40, check=False
    )


def test_it_lists_every_fault_with_what_it_does():
    done = netbasics_lab()
    assert done.returncode == 0, done.stderr
    listed = re.findall(r"^  (\w+)  +\S", done.stdout, re.M)
    assert listed == [fault.name for fault in lab.faults()]
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout
    assert lines[-1].startswith("netbasics lab --table")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nonsense"], "no fault is named 'nonsense'"),
        (["--markdown"], "--markdown goes with --table"),
        (["--table", "--jobs", "0"], "0 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, why):
    done = netbasics_lab(*arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_it_runs_a_peer_until_ctrl_c():
    with Running("cut-off") as running:
        assert "should fail: less came than Content-Length" in running.text
        _, ours = running.commands()
        assert "after 560 of 1120 bytes" in run_line(ours).stderr
        status, out, errors = running.interrupt()
    assert status == 0
    assert re.search(r"^\d\d:\d\d:\d\d  \d came so far$", out, re.M)
    assert out.endswith("Stopped.\n")
    assert errors == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("good_certificate", '{"status": "ok"}'),
        ("expired_certificate", "certificate has expired"),
        ("untrusted_certificate", "unable to get local issuer"),
        ("dies_reused", "<Response [200]> <Response [200]>"),
        ("udp_drops", "b'hello'"),
        ("dns_server", "192.0.2.1"),
        ("dns_compression_loop", "a compression loop"),
    ],
)
def test_the_python_command_meets_the_fault(name, says):
    with Running(name) as running:
        done = run_line(running.commands()[-1])
    assert says in done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("refused", r"curl: \(7\)"),
        ("cut_off", r"curl: \(18\)"),
        ("good_certificate", r'"status": "ok"'),
        ("expired_certificate", r"curl: \(60\)"),
        ("redirect_loop", r"curl: \(47\)"),
    ],
)
def test_the_curl_command_meets_the_fault(name, says):
    with Running(name) as running:
        done = run_line(running.commands()[0])
    assert re.search(says, done.stdout + done.stderr)


def test_a_row_of_the_table_in_a_pipe():
    done = netbasics_lab("cut-off", "--table")
    assert done.returncode == 0, done.stderr
    assert "! socket   wrong success" in done.stdout
    assert re.search(r"^  clients  ConnectionLost +\d", done.stdout, re.M)
    assert "after 560 of 1120 bytes" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == ""


def test_a_row_as_a_page():
    done = netbasics_lab("udp_delays", "--table", "--markdown")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# The fault table\n")
    assert "| `udp_delays` | succeed: " in done.stdout
    assert done.stderr == "1 of 1: udp_delays\n"


COMMAND = python("-m", "netbasics", "lab", "--table")


def test_in_a_terminal_the_table_has_colours_and_ends_by_ctrl_c():
    with Terminal(COMMAND) as terminal:
        terminal.until("refused should fail", seconds=40)
        terminal.press("\x03")
        terminal.until("Stopped.")
        assert terminal.ends() == 130
        assert "\x1b[" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert terminal.as_before()


def test_no_colour_where_none_is_wanted():
    with Terminal(COMMAND, env={"NO_COLOR": "1"}) as terminal:
        terminal.until("refused should fail", seconds=40)
        terminal.press("\x03")
        terminal.ends()
        assert "\x1b" not in terminal.shown
