"""Proxies and certificates: what the environment may decide, and what not."""

import socket
import threading

import pytest
import requests
from clients_help import CLOSE, Site, answer, redirect

from netbasics import certs, clients, lab
from netbasics.clients.environment import (
    choose_proxies,
    choose_verify,
    is_loopback,
)

PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def proxy(monkeypatch):
    """A proxy that the environment names; it answers everything by itself."""
    with Site([answer(b"from the proxy")]) as proxy:
        for name in PROXY_NAMES:
            monkeypatch.setenv(name, proxy.url)
        yield proxy


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached_without_the_proxy_of_the_environment(proxy, host):
    with Site([answer(b"direct")]) as site:
        url = site.url.replace("127.0.0.1", host)
        assert clients.get(url).text == "direct"
        assert proxy.seen == []


def test_requests_itself_sends_loopback_to_the_proxy(proxy):
    # The trap, to see that the test above could fail.
    assert requests.get("http://127.0.0.1:1/", timeout=5).ok
    assert proxy.seen[0].target == "http://127.0.0.1:1/"


def test_other_hosts_are_reached_through_the_proxy(proxy):
    assert clients.get("http://name.example/a").text == "from the proxy"
    assert proxy.seen[0].target == "http://name.example/a"


def test_no_proxy_is_obeyed(proxy, monkeypatch):
    monkeypatch.setenv("no_proxy", "name.example")
    with pytest.raises(clients.NotConnected):
        clients.get("http://name.example:1/", retries=0, deadline=5)
    assert proxy.seen == []


def test_an_explicit_proxy_counts_for_loopback_too():
    with Site([answer(b"from the proxy")]) as proxy:
        given = {"http": proxy.url}
        text = clients.get("http://127.0.0.1:1/", proxies=given).text
        assert text == "from the proxy"
        with clients.session() as session:
            session.proxies = given
            text = session.get("http://127.0.0.1:1/").text
        assert text == "from the proxy"


def test_the_proxies_of_a_session_beat_those_of_the_environment(proxy):
    with Site([answer(b"mine")]) as mine, clients.session() as session:
        session.proxies = {"http": mine.url}
        assert session.get("http://name.example/").text == "mine"
        given = {"http": proxy.url}
        text = session.get("http://name.example/", proxies=given).text
        assert text == "from the proxy"


def test_a_redirect_from_outside_to_loopback_leaves_the_proxy(proxy):
    with Site([answer(b"direct")]) as site:
        proxy.replies[:] = [redirect(site.url)]
        assert clients.get("http://name.example/").text == "direct"
        assert len(proxy.seen) == 1


def test_a_redirect_from_loopback_to_outside_takes_the_proxy(proxy):
    with Site([redirect("http://name.example/b")]) as site:
        assert clients.get(site.url).text == "from the proxy"
        assert proxy.seen[0].target == "http://name.example/b"


def test_an_explicit_proxy_stays_after_a_redirect(proxy):
    with Site([redirect("http://127.0.0.1:1/b"), answer(b"mine")]) as mine:
        given = {"http": mine.url}
        assert clients.get("http://127.0.0.1:1/a", proxies=given).text == "mine"
        assert proxy.seen == []


def test_a_prepared_request_goes_the_same_way(proxy):
    with Site([answer(b"direct")]) as site, clients.session() as session:
        request = session.prepare_request(requests.Request("GET", site.url))
        assert session.send(request).text == "direct"
        assert proxy.seen == []


def test_the_password_of_a_proxy_goes_to_the_proxy_alone(monkeypatch):
    with Site([answer(b"direct")]) as site, Site([redirect(site.url)]) as proxy:
        with_password = proxy.url.replace("//", "//ann:pw@")
        monkeypatch.setenv("http_proxy", with_password)
        assert clients.get("http://name.example/").text == "direct"
        assert proxy.seen[0]["Proxy-Authorization"].startswith("Basic")
        assert site.seen[0]["Proxy-Authorization"] is None


def test_an_environment_that_is_not_trusted_is_not_asked(proxy):
    assert choose_proxies("http://a.example/", {}, trust_env=False) == {}
    assert choose_proxies("http://a.example/", {"http": None}) != {}
    found = choose_proxies("http://a.example/", {"http": None, "all": "x:1"})
    assert found["all"] == "x:1"
    assert "http" not in found


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.255.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "::1",
        "0:0:0:0:0:0:0:1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
    ],
)
def test_spellings_of_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "127.example", "127.0.0.1.example", "10.0.0.1", "::2", "1.2"]
)
def test_what_only_looks_like_loopback(host):
    assert not is_loopback(host)


@pytest.fixture(scope="module")
def authority():
    return certs.Authority()


@pytest.fixture
def site(authority):
    with Site([answer(b"safe")], tls=tls(authority)) as site:
        yield site


def tls(authority):
    return authority.issue("127.0.0.1", "localhost").server_context()


@pytest.fixture
def ours(authority, tmp_path):
    return str(authority.write_pem(tmp_path / "ours.pem"))


@pytest.fixture
def other(tmp_path):
    return str(certs.Authority().write_pem(tmp_path / "other.pem"))


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE"])
def test_an_explicit_verify_wins(site, ours, other, variable, monkeypatch):
    if variable:
        monkeypatch.setenv(variable, other)
    with clients.session(verify=ours) as session:
        assert session.get(site.url).text == "safe"
    with clients.session() as session:
        session.verify = ours
        assert session.get(site.url).text == "safe"
        request = session.prepare_request(requests.Request("GET", site.url))
        assert session.send(request).text == "safe"
    assert clients.get(site.url, verify=ours).text == "safe"


def test_the_environment_wins_over_requests_own_session(
    site, ours, other, monkeypatch
):
    # The trap, to see that the test above could fail.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other)
    with requests.Session() as session:
        session.verify = ours
        with pytest.raises(requests.exceptions.SSLError):
            session.get(site.url, timeout=5)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_fills_in(site, ours, name, monkeypatch):
    with pytest.raises(clients.TLSFailed):
        clients.get(site.url)
    monkeypatch.setenv(name, ours)
    assert clients.get(site.url).text == "safe"
    with clients.session() as session:
        request = session.prepare_request(requests.Request("GET", site.url))
        assert session.send(request).text == "safe"
        session.trust_env = False
        with pytest.raises(clients.TLSFailed):
            session.get(site.url)


def test_the_order_of_what_is_said(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "env.pem")
    assert choose_verify(None, True) == "env.pem"
    assert choose_verify(None, True, trust_env=False) is True
    assert choose_verify(None, False) is False
    assert choose_verify(None, "own.pem") == "own.pem"
    assert choose_verify("call.pem", "own.pem") == "call.pem"
    assert choose_verify(False, "own.pem") is False


@pytest.mark.parametrize(
    "fault",
    [
        lab.untrusted_certificate,
        lab.expired_certificate,
        lab.wrong_name_certificate,
        lab.self_signed_certificate,
    ],
)
def test_a_bad_certificate_is_refused(fault, tmp_path):
    trusted = {}
    with fault() as peer:
        if peer.authority and fault is not lab.untrusted_certificate:
            pem = peer.authority.write_pem(tmp_path / "ca.pem")
            trusted = {"verify": str(pem)}
        refused = pytest.raises(clients.TLSFailed, match="certificate")
        with refused as caught:
            clients.get(peer.url, **trusted)
    assert isinstance(caught.value, requests.exceptions.SSLError)


def pump(one, other):
    """Carry bytes from one socket to the other until the end."""
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_a_tunnel_through_a_proxy_checks_the_name(site, ours, monkeypatch):
    def connect(sock, seen):
        assert seen.method == "CONNECT"
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", site.port), 5) as far:
            there = threading.Thread(target=pump, args=(sock, far))
            there.start()
            pump(far, sock)
            there.join()
        return CLOSE

    with Site([connect]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(clients.TLSFailed, match=r"name\.example"):
            clients.get("https://name.example/", verify=ours)
        given = {"https": proxy.url}
        answered = clients.get(site.url, verify=ours, proxies=given)
        assert answered.text == "safe"
