"""`netbasics playground`: it says what to try, what it says works, it ends."""

import re
import shlex
import shutil
import signal
import socket
import subprocess

import pytest
from course_help import python

COMMAND = python("-m", "netbasics", "playground")


@pytest.fixture
def announced():
    """Start the playground; yield its process and what it printed."""
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    break
            yield process, "".join(lines)
        finally:
            if process.poll() is None:
                process.kill()


def refused(*arguments):
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_every_request_that_it_prints_is_answered(announced):
    _, text = announced
    requests = re.findall(r"^    (curl .*)$", text, re.M)
    assert len(requests) >= 10
    for request in requests:
        done = subprocess.run(
            [*shlex.split(request), "--silent", "--fail", "--max-time", "20"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{request}\n{done.stderr.decode()}"


def test_ctrl_c_ends_it_and_frees_its_ports(announced):
    process, text = announced
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
    assert errors == ""
    for port in set(re.findall(r"http://127\.0\.0\.1:(\d+)", text)):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(port)), timeout=5)


def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refused("--port", str(port))
    assert f"port {port} of 127.0.0.1 is in use" in message


@pytest.mark.parametrize("port", ["70000", "65534", "-1"])
def test_a_port_out_of_range_is_refused(port):
    assert "ports go from 1 to 65535" in refused("--port", port)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database")
    assert "not a SQLite database" in refused("--db", str(path))
    assert path.read_text() == "no database"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none" / "users.db"
    assert str(path.parent) in refused("--db", str(path))
