"""The playground as a whole: lazy, quick to stop, and pleasant to ask."""

import ast
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import requests

from netbasics import playground
from netbasics.playground import SERVICES, Playground, StoreError, run

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def read(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read().decode()


def free_ports(count):
    """The first of some ports in a row that nobody uses just now."""
    for base in range(20000, 30000, 97):
        sockets = []
        try:
            for port in range(base, base + count):
                sockets.append(socket.create_server(("127.0.0.1", port)))
            return base
        except OSError:
            continue
        finally:
            for sock in sockets:
                sock.close()
    raise AssertionError("no free ports")


def test_importing_it_imports_no_framework():
    heavy = "flask fastapi uvicorn httpbin requests pydantic ssl asyncio"
    code = (
        "import sys; from netbasics import playground; "
        "playground.run(); playground.Store; "
        f"print([m for m in {heavy.split()} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_apps_are_there_by_name():
    for name in ("users_stdlib", "users_flask", "users_fastapi", "textbook"):
        assert name in dir(playground)
        assert getattr(playground, name).__name__.endswith(name)
    with pytest.raises(AttributeError, match="no attribute 'users_django'"):
        playground.users_django  # noqa: B018


def test_each_service_starts_when_it_is_named():
    with run() as play:
        assert repr(play) == "<Playground, no service started yet>"
        assert '"Ada Lovelace"' in read(play.users_stdlib + "/users/1")
        assert list(play._servers) == ["users_stdlib"]
        assert play.users_stdlib == play.users_stdlib
        assert repr(play) == (
            f"<Playground: users_stdlib {play.users_stdlib} (1 served)>"
        )


def test_every_service_answers():
    with run().start(*SERVICES) as play:
        assert list(play._servers) == list(SERVICES)
        for url in (play.users_stdlib, play.users_flask, play.users_fastapi):
            assert json.loads(read(url + "/users/1"))["id"] == 1
        octocat = json.loads(read(play.textbook + "/users/octocat"))
        assert octocat["login"] == "octocat"
        seen = json.loads(read(play.httpbin + "/get?a=1"))
        assert seen["args"] == {"a": "1"}


def test_httpbin_is_the_real_one(capfd):
    with run() as play, requests.Session() as session:
        base = play.httpbin
        session.get(base + "/cookies/set?flavour=oat", timeout=20)
        cookies = session.get(base + "/cookies", timeout=20).json()
        assert cookies == {"cookies": {"flavour": "oat"}}
        gzip = session.get(base + "/gzip", timeout=20)
        assert gzip.headers["Content-Encoding"] == "gzip"
        assert session.get(base + "/status/418", timeout=20).text
        stream = session.get(base + "/stream/3", timeout=20)
        assert len(stream.text.splitlines()) == 3
        assert session.get(base + "/", timeout=20).ok
    assert capfd.readouterr() == ("", ""), "it talks on the screen"


def test_the_three_share_one_store():
    lin = {"name": "Lin", "email": "lin@example.com"}
    with run() as play:
        created = requests.post(play.users_flask + "/users", json=lin)
        place = created.headers["Location"]
        for url in (play.users_stdlib, play.users_fastapi):
            assert json.loads(read(url + place))["name"] == "Lin"
        assert play.store.get(6)["name"] == "Lin"
        assert json.loads(read(play.textbook + place))["name"] == "Learner 6"


def test_users_survive_a_restart_in_a_file(tmp_path):
    path = tmp_path / "users.db"
    lin = {"name": "Lin", "email": "lin@example.com"}
    with run(db=path) as play:
        requests.post(play.users_fastapi + "/users", json=lin)
    with run(db=path) as play:
        assert json.loads(read(play.users_stdlib + "/users/6"))["name"] == "Lin"


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary")
    with pytest.raises(StoreError, match="not a SQLite database"):
        run(db=path).start()
    assert path.read_text() == "dear diary"


def test_the_index_says_what_there_is():
    with run() as play:
        found = json.loads(read(play.url))
        assert list(found) == list(SERVICES)
        for name, service in found.items():
            assert service["url"] == getattr(play, name)
            assert service["about"]
            for each in service["requests"]:
                assert each["command"].startswith("curl ")
                assert service["url"] in each["command"]


def test_the_index_is_a_page_in_a_browser():
    with run() as play:
        html = read(play.url, Accept="text/html,*/*;q=0.8")
        assert html.startswith("<!doctype html>")
        for name in SERVICES:
            assert f'href="{getattr(play, name)}/"' in html
        assert "page=1&amp;limit=2" in html


def test_the_index_is_all_there_is_at_its_address():
    with run() as play:
        assert requests.get(play.url + "/none", timeout=20).status_code == 404


@pytest.mark.skipif(
    os.name == "nt" or shutil.which("curl") is None, reason="needs sh and curl"
)
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SERVICES)
def test_every_request_to_try_can_be_pasted_into_a_shell(name):
    expected = {
        "a user that is not there": "404",
        "a page that is no number": "422",
        "one that is not there": "404",
        "create a user": "201",
        "delete a user": "204",
        "flaky: it fails twice, then works": "503",
        "a status of your choice": "418",
    }
    with run() as play:
        for what, command in play.requests_to_try(name):
            done = subprocess.run(
                command + " -sS -o /dev/null -w '%{http_code}'",
                shell=True,
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert done.stderr == ""
            assert done.stdout == expected.get(what, "200"), command


def test_requests_to_try_do_not_need_a_running_playground():
    for name in SERVICES:
        for what, command in playground.requests_to_try(name, "http://x:1"):
            assert what
            assert command.startswith("curl ")
            assert "http://x:1" in command
            assert "URL" not in command


def test_json_is_quoted_for_the_shell_of_the_system(monkeypatch):
    from netbasics.playground import services

    assert services.quoted('{"a": 1}') == """'{"a": 1}'"""
    monkeypatch.setattr(services.os, "name", "nt")
    assert services.quoted('{"a": 1}') == r'"{\"a\": 1}"'


def test_ports_follow_each_other_when_one_is_given():
    base = free_ports(1 + len(SERVICES))
    with run(port=base) as play:
        names = ["url", *SERVICES]
        urls = [getattr(play, name) for name in names]
    assert urls == [
        f"http://127.0.0.1:{base + number}" for number in range(len(names))
    ]


def test_a_port_in_use_is_said_and_what_runs_goes_on():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        # The index has the port before it.
        with run(port=port - 1) as play:
            with pytest.raises(OSError, match=f"port {port} .*is in use"):
                play.users_stdlib  # noqa: B018
            assert repr(play) == "<Playground, no service started yet>"


@pytest.mark.parametrize("port", [-1, 65531, 65535, 70000])
def test_ports_that_do_not_exist(port):
    with pytest.raises(ValueError, match="ports go from 1 to 65535"):
        run(port=port)


def test_a_service_that_does_not_exist():
    play = run()
    with pytest.raises(ValueError, match="no service 'django'; there are use"):
        play.start("django")


def test_stopping_twice_is_fine_and_starting_again_works():
    play = run().start()
    first = play.users_stdlib
    play.stop()
    play.stop()
    assert repr(play) == "<Playground, stopped>"
    with pytest.raises(RuntimeError, match=r"stopped; call start\(\)"):
        play.users_stdlib  # noqa: B018
    with pytest.raises(OSError, match="refused"):
        read(first + "/users")
    with play.start():
        assert read(play.users_stdlib + "/users")


def test_it_starts_by_itself_when_a_url_is_wanted():
    play = run()
    try:
        assert read(play.users_stdlib + "/users")
    finally:
        play.stop()


def test_it_stops_quickly_with_connections_open_and_a_request_running():
    def ask_slowly(url):
        with contextlib.suppress(requests.RequestException):
            requests.get(url + "/slow?seconds=10", timeout=20)

    with requests.Session() as session, run().start(*SERVICES) as play:
        for name in SERVICES:
            session.get(getattr(play, name), timeout=20)
        textbook = play._servers["textbook"]
        served = textbook.served
        waiting = threading.Thread(target=ask_slowly, args=[play.textbook])
        waiting.start()
        end = time.monotonic() + 10
        while textbook.served == served and time.monotonic() < end:
            time.sleep(0.01)
        start = time.monotonic()
        play.stop()
        assert time.monotonic() - start < 1.5
        waiting.join()


def test_many_threads_may_name_a_service_at_once():
    with run() as play:
        urls = []
        threads = [
            threading.Thread(target=lambda: urls.append(play.users_flask))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(urls)) == 1


@pytest.mark.anyio
async def test_it_works_inside_a_running_event_loop():
    with run() as play:
        for url in (play.users_stdlib, play.users_flask, play.users_fastapi):
            assert requests.get(url + "/users/1", timeout=20).ok


def test_leaving_python_without_stopping_does_not_hang():
    code = (
        "from netbasics import playground; "
        "play = playground.run().start(); "
        "print(play.users_flask, play.textbook)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_attributes_are_those_of_the_services():
    for name in ("url", *SERVICES):
        assert isinstance(getattr(Playground, name), property)


ORDER = [
    "list_users",
    "get_user",
    "create_user",
    "replace_user",
    "change_user",
    "delete_user",
]


@pytest.mark.parametrize(
    "name", ["users_stdlib", "users_flask", "users_fastapi"]
)
def test_the_three_files_can_be_read_side_by_side(name):
    path = Path(playground.__file__).with_name(f"{name}.py")
    text = path.read_text("utf-8")
    functions = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name in ORDER
    ]
    assert functions == ORDER
    assert len(text.splitlines()) < 160
