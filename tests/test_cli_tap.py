"""`netbasics tap`: any client, any server, live, until Ctrl-C."""

import json
import re
import signal
import socket
import subprocess
import urllib.request

import pytest
from course_help import python
from terminals import Terminal

from netbasics import certs, lab, servers, sockets

COMMAND = python("-u", "-m", "netbasics", "tap")


def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


class Running:
    """The command in a process of its own."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = self.until("Ctrl-C ends it")
        found = re.search(r"://127\.0\.0\.1:(\d+) leads to", self.said)
        self.address = "127.0.0.1", int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def until(self, text):
        """Read lines until one has this text."""
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if text in line:
                break
        else:
            pytest.fail("".join(lines) + self.process.stderr.read())
        return "".join(lines)

    def end(self, number=signal.SIGINT):
        """Press Ctrl-C; return what else it says."""
        self.process.send_signal(number)
        out, errors = self.process.communicate(timeout=30)
        assert errors == ""
        assert self.process.returncode == 0
        return out


def refused(*arguments, status=1):
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    return done.stderr


def test_events_are_printed_as_they_pass_and_files_written(tmp_path):
    names = ["a.pcap", "a.svg", "a.har", "a.json", "a.txt"]
    saves = [f"--save={tmp_path / name}" for name in names]
    with (
        servers.serve(app) as server,
        Running(f"127.0.0.1:{server.port}", *saves) as tap,
    ):
        host, port = tap.address
        with urllib.request.urlopen(f"http://{host}:{port}/a") as answer:
            assert answer.read() == b"hello"
        seen = tap.until("HTTP/1.1 200 OK")
        assert "1: connect" in seen
        assert "GET /a HTTP/1.1" in seen
        assert "\x1b" not in seen
        said = tap.end()
    assert "1 connection" in said
    assert re.search(r"Wrote .*a\.pcap \(packets, reconstructed\)", said)
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    log = json.loads((tmp_path / "a.har").read_text("utf-8"))["log"]
    assert log["entries"][0]["response"]["content"]["text"] == "hello"


def test_it_listens_on_the_port_that_was_asked_for_on_loopback_only():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refused("127.0.0.1:9", f"--listen={port}")
        assert f"port {port} of 127.0.0.1 is in use" in message
    with (
        servers.EchoServer() as server,
        Running(f"127.0.0.1:{server.port}", f"--listen={port}") as tap,
    ):
        assert tap.address == ("127.0.0.1", port)
        assert sockets.ask(tap.address, b"hi") == b"hi"


def test_it_ends_by_kill_as_by_ctrl_c(tmp_path):
    path = tmp_path / "a.txt"
    with (
        servers.EchoServer() as server,
        Running(f"127.0.0.1:{server.port}", f"--save={path}") as tap,
    ):
        assert sockets.ask(tap.address, b"hello") == b"hello"
        tap.end(signal.SIGTERM)
    assert "hello" in path.read_text("utf-8")


def test_udp():
    with (
        servers.UDPEchoServer() as server,
        Running(f"127.0.0.1:{server.port}", "--udp") as tap,
    ):
        assert sockets.ask_udp(tap.address, b"ping") == b"ping"
        assert "datagram, 4 bytes" in tap.until("◀")


def test_tls_is_ended_with_an_authority_that_it_writes(tmp_path):
    ours, theirs = tmp_path / "tap.pem", tmp_path / "server.pem"
    authority = certs.Authority()
    authority.write_pem(theirs)
    context = authority.issue("127.0.0.1").server_context()
    with (
        servers.serve(app, tls=context) as server,
        Running(server.url, f"--tls={ours}", f"--trust={theirs}") as tap,
    ):
        import ssl

        trusting = ssl.create_default_context(cafile=ours)
        url = f"https://127.0.0.1:{tap.address[1]}/inside"
        with urllib.request.urlopen(url, context=trusting) as answer:
            assert answer.read() == b"hello"
        assert "GET /inside" in tap.until("GET /inside")


def test_no_file_is_written_over_and_files_are_named(tmp_path):
    precious = tmp_path / "mine.pem"
    precious.write_text("precious")
    assert "there already" in refused("127.0.0.1:80", f"--tls={precious}")
    assert precious.read_text() == "precious"
    new = tmp_path / "new.pem"
    message = refused("127.0.0.1:80", f"--tls={new}", f"--trust={precious}")
    assert f"--trust {precious}: not a file of certificates" in message
    assert not new.exists()
    nowhere = tmp_path / "none" / "x.pem"
    assert f"--tls {nowhere}" in refused("127.0.0.1:80", f"--tls={nowhere}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["127.0.0.1"], "write HOST:PORT"),
        (["127.0.0.1:99999"], "99999"),
        (["192.0.2.1:80"], "--remote"),
        (["no-such-host.invalid:80"], "does not resolve"),
        (["127.0.0.1:80", "--listen=70000"], "ports go from 0 to 65535"),
        (["127.0.0.1:80", "--save=a.pdf"], "end it in .har"),
        (["127.0.0.1:80", "--save=/no/such/folder/a.svg"], "no folder"),
        (["127.0.0.1:80", "--udp", "--tls=x.pem"], "not with --udp"),
        (["127.0.0.1:80", "--trust=x.pem"], "--tls FILE"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(arguments, message):
    assert message in refused(*arguments)


def test_on_a_terminal_it_is_in_colour_and_leaves_it_as_it_was():
    with lab.refused() as peer:
        target = f"127.0.0.1:{peer.port}"
        with Terminal([*COMMAND, target]) as terminal:
            said = terminal.until("Ctrl-C ends it")
            port = int(re.search(r"127\.0\.0\.1:(\d+) leads", said)[1])
            with (
                sockets.connect(("127.0.0.1", port)) as client,
                pytest.raises(ConnectionResetError),
            ):
                client.recv(1)
            terminal.until("There is no connection")
            assert "\x1b[1;31m" in terminal.shown
            terminal.press("\x03")
            assert terminal.ends() == 0
            assert terminal.as_before()
            assert "Traceback" not in terminal.shown


def test_a_reader_that_goes_away_ends_it_quietly():
    with (
        servers.EchoServer() as server,
        Running(f"127.0.0.1:{server.port}") as tap,
    ):
        tap.process.stdout.close()
        sockets.ask(tap.address, b"x")
        tap.process.wait(30)
        assert "Traceback" not in tap.process.stderr.read()
