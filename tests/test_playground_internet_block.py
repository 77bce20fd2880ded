"""The offline internet begins, is there once, and leaves nothing behind."""

import _socket
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import types
import urllib.request

import pytest
import requests

from netbasics import playground, servers
from netbasics.playground.offline.patching import Patches

pytestmark = pytest.mark.usefixtures("leaves_nothing")

PROXIES = ("http_proxy", "HTTPS_PROXY", "all_proxy", "no_proxy")


def site(environ, start_response):
    """An app for names of our own."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["HTTP_HOST"].encode()]


def everything():
    """What a block could leave behind, to be compared by `is`."""
    owners = [
        *(_socket, socket, ssl, subprocess, os, urllib.request, requests),
        *(socket.socket, ssl.SSLContext, ssl.SSLSocket, subprocess.Popen),
    ]
    found = {
        (owner.__name__, name): value
        for owner in owners
        for name, value in list(vars(owner).items())
    }
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        found["inherited", name] = getattr(socket.socket, name)
    return found


def differences(before):
    after = everything()
    return [
        name
        for name in before.keys() | after.keys()
        if before.get(name) is not after.get(name)
    ]


@pytest.mark.parametrize(
    "failure", [None, ValueError, KeyboardInterrupt, SystemExit]
)
def test_afterwards_everything_is_as_before(monkeypatch, failure):
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    requests.certs.where()
    before, environment = everything(), dict(os.environ)
    stores = ssl.create_default_context().cert_store_stats()
    with (
        contextlib.suppress(ValueError, KeyboardInterrupt, SystemExit),
        playground.internet(),
    ):
        assert differences(before)
        requests.get("https://api.github.com/users/octocat", timeout=20)
        if failure is not None:
            raise failure
    assert differences(before) == []
    assert dict(os.environ) == environment
    assert ssl.create_default_context().cert_store_stats() == stores


def test_afterwards_nobody_answers(monkeypatch):
    with playground.internet() as net:
        address = socket.gethostbyname("example.com")
        port = net._hosting.table.find("example.com").ports[80]
    for where in ((address, 80), ("127.0.0.1", port)):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(where, timeout=5)
    assert repr(net) == "<Internet: off>"
    assert net.names == []


def test_proxies_do_not_count(monkeypatch):
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    # An opener that has read the environment before.
    opener = urllib.request.build_opener()
    with playground.internet():
        for url in ("http://example.com/", "https://example.com/"):
            assert requests.get(url, timeout=20).ok
            for ask in (urllib.request.urlopen, opener.open):
                with ask(url, timeout=20) as response:
                    assert response.status == 200


def test_it_does_not_nest_and_says_so():
    with playground.internet() as net:
        for second in (playground.internet(), net):
            with pytest.raises(RuntimeError, match="does not nest"):
                second.start()
        assert requests.get("http://example.com/", timeout=20).ok
        second = playground.internet()
        second.stop()  # it never began: that ends nothing
        assert requests.get("http://example.com/", timeout=20).ok
    with net:  # again is fine
        assert requests.get("https://example.com/", timeout=20).ok


def test_one_of_many_threads_gets_in():
    nets, refused = [], []
    barrier = threading.Barrier(8)

    def enter():
        barrier.wait(20)
        try:
            nets.append(playground.internet().start())
        except RuntimeError as error:
            refused.append(error)

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(nets), len(refused)) == (1, 7)
    leaving = [threading.Thread(target=nets[0].stop) for _ in range(4)]
    for thread in leaving:
        thread.start()
    for thread in leaving:
        thread.join()
    with playground.internet():
        pass


def test_a_failed_start_leaves_it_off():
    before = everything()
    with pytest.raises(TypeError, match=r"serve\(\) takes"):
        playground.internet(extra={"my.shop": object()}).start()
    assert differences(before) == []
    with playground.internet():
        pass


def test_what_was_taken_along_is_harmless():
    early = types.ModuleType("early")
    early.gethostbyname = socket.gethostbyname
    early.getaddrinfo = socket.getaddrinfo
    sys.modules["early"] = early
    original = socket.gethostbyname
    try:
        with playground.internet():
            # What a library imported by name long before is ours as well.
            assert early.gethostbyname("example.com").startswith("127.")
            assert early.getaddrinfo("example.com", 80)
            taken = socket.gethostbyname
            assert taken is not original
        assert early.gethostbyname is original
        assert taken("127.0.0.1") == "127.0.0.1"
        with servers.EchoServer() as server, socket.socket() as sock:
            sock.connect(server.address)
    finally:
        del sys.modules["early"]


def test_more_names(leaves_nothing):
    with servers.serve(site) as running:
        extra = {
            "my.shop": site,
            "www.my.shop": site,
            "Bücher.example": running.url,
            "other.example": running,
            "api.github.com": site,
        }
        with playground.internet(extra=extra) as net:
            for url in (
                "http://my.shop/",
                "https://www.my.shop/",
                "http://xn--bcher-kva.example/",
                "http://other.example/",
                "https://api.github.com/",
            ):
                response = requests.get(url, timeout=20)
                assert response.text == url.split("/")[2]
            with pytest.raises(OSError, match="on port 80"):
                socket.create_connection(("other.example", 443))
            assert "my.shop" in net.names
            with pytest.raises(OSError, match=r"my\.shop"):
                socket.gethostbyname("pypi.org")
        assert running.running


@pytest.mark.parametrize(
    "name",
    [
        "",
        "http://my.shop",
        "my.shop:80",
        "my shop",
        "-a.example",
        "a_b.example",
        "*.example",
        "127.0.0.1",
        "8.8.8.8",
        "::1",
        "localhost",
        "my.localhost",
        "a" * 64,
    ],
)
def test_names_that_cannot_be(name):
    with pytest.raises(ValueError, match="give a bare host name"):
        playground.internet(extra={name: site})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "http://192.0.2.1/",
        "http://example.com/",
        "ftp://127.0.0.1/",
        "https://127.0.0.1:8443",
        "http://127.0.0.1/path",
    ],
)
def test_urls_that_lead_elsewhere(url):
    with pytest.raises(ValueError, match="cannot lead to"):
        playground.internet(extra={"my.shop": url})


def test_making_one_changes_nothing():
    before = everything()
    playground.internet(extra={"my.shop": site})
    assert differences(before) == []


def test_patches_are_undone_in_order_and_once():
    owner = types.SimpleNamespace(f=len)
    patches = Patches()
    for number in (1, 2):
        patches.replace(owner, "f", lambda original, n=number: lambda x: n)
    assert owner.f("abc") == 2
    patches.undo()
    patches.undo()
    assert owner.f is len
