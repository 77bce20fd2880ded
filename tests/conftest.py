"""What every test may use."""

import socket
import threading
import time

import pytest

collect_ignore = ["benchmarks"]  # no tests: see docs/benchmarks.md


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """A proxy or a colour setting of the machine changes no test."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def learners_folder(tmp_path, monkeypatch):
    """What a test's learner does is not written into the home of a person."""
    folder = tmp_path / "learner"
    monkeypatch.setenv("NETBASICS_HOME", str(folder))
    return folder


@pytest.fixture
def leaves_nothing():
    """Fail if the test leaves a thread behind.

    A thread that was told to end may need a moment on a busy machine: it is
    joined, not slept for.
    """
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + 5
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, end - time.monotonic()))
    left = [t.name for t in set(threading.enumerate()) - before]
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def pair():
    """Two connected TCP sockets on loopback: (client, server)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    server.settimeout(5)
    with client, server:
        yield client, server
