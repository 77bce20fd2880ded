"""Each way a peer can misbehave, and the error that says so."""

import socket

import pytest
import requests
from clients_help import Site, answer, at_most, then_close, unused_port

from netbasics import clients, errors, lab
from netbasics.clients.framing import doubts

FAULTS = [f for f in lab.faults() if f.kind in ("tcp", "tls", "http")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_faults_of_the_lab_end_as_they_should(fault, tmp_path):
    deadline = 1 if fault.should == "fail" else 8
    with fault.run() as peer:
        options = {"deadline": deadline}
        if peer.authority and fault.trusted:
            pem = peer.authority.write_pem(tmp_path / "ca.pem")
            options["verify"] = str(pem)
        with at_most(deadline):
            if fault.should == "succeed":
                content = clients.get(peer.url, **options).content
                assert content == peer.content
            else:
                with pytest.raises(errors.NetbasicsError) as caught:
                    clients.get(peer.url, **options)
                assert isinstance(caught.value, requests.RequestException)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        HEAD + b"Content-Length: -1\r\n\r\nab",
        HEAD + b"Content-Length: +2\r\n\r\nab",
        HEAD + b"Content-Length: 2_0\r\n\r\nab",
        HEAD + b"Content-Length: 0x2\r\n\r\nab",
        HEAD + b"Content-Length: \r\n\r\nab",
        HEAD + b"Content-Length: \xb2\r\n\r\nab",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Length: 2, 3\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n",
        CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"+2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"-2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b" 2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"f" * 17 + b"\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"2;" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\r\n\r\n",
        b"hello",
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_response_whose_end_is_in_doubt_is_not_http(reply, stream):
    refused = pytest.raises(clients.NotHTTP)
    with Site([then_close(reply)]) as site, refused as caught:
        _ = clients.get(site.url, stream=stream).content
    assert isinstance(caught.value, errors.ProtocolError)
    assert isinstance(caught.value, requests.ConnectionError)
    assert caught.value.tries == 1


@pytest.mark.parametrize(
    "reply",
    [
        HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: 2, 2\r\n\r\nab",
        HEAD + b"Content-Length: 002\r\n\r\nab",
        HEAD + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab",
        HEAD[:-2].replace(b"1.1", b"1.0") + b"\r\n\r\nab",
        CHUNKED.replace(b"chunked", b"Chunked") + b"2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"2;name=value\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"0002 \r\nab\r\n0\r\nTrailer: x\r\n\r\n",
        CHUNKED + b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
    ],
)
def test_what_http_allows_is_read(reply):
    with Site([then_close(reply)]) as site:
        assert clients.get(site.url).content == b"ab"


def test_doubts_are_told():
    assert doubts([], []) == ""
    assert "'x'" in doubts([], ["x"])
    assert "'chunked, chunked'" in doubts([], ["chunked", "chunked"])
    assert "as well" in doubts(["1"], ["chunked"])


def test_messages_say_what_happened_and_what_to_do():
    url = f"http://127.0.0.1:{unused_port()}/?key=hush"
    with pytest.raises(clients.NotConnected) as caught:
        clients.get(url, retries=0)
    assert str(caught.value) == (
        f"GET {url.replace('hush', '***')}: no connection: [Errno "
        f"{caught.value.__cause__.errno}] Connection refused; does a server "
        "listen there?"
    )


def test_an_unknown_host_is_named(monkeypatch):
    def unknown(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    unknown_host = "GET http://nobody.invalid/: the host was not found"
    with pytest.raises(clients.NotConnected, match=unknown_host):
        clients.get("http://nobody.invalid/")


def test_a_dead_proxy_is_told_from_a_dead_server():
    proxies = {"http": f"http://127.0.0.1:{unused_port()}"}
    with pytest.raises(clients.ProxyFailed, match="the proxy failed") as caught:
        clients.get("http://127.0.0.1/", proxies=proxies, retries=0)
    assert isinstance(caught.value, requests.exceptions.ProxyError)


def test_a_proxy_that_refuses_a_tunnel_is_told():
    refused = pytest.raises(clients.ProxyFailed, match="403 Forbidden")
    with Site([answer(b"", "403 Forbidden")]) as proxy, refused:
        through = {"https": proxy.url}
        clients.get("https://127.0.0.1/", proxies=through, retries=0)


@pytest.mark.parametrize("proxy", ["http://", "socks5://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_told(proxy):
    with pytest.raises(clients.ProxyFailed):
        clients.get("http://127.0.0.1/", proxies={"http": proxy}, retries=0)


def test_every_error_is_an_oserror_and_ours():
    for name in clients.__all__:
        kind = getattr(clients, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert issubclass(kind, clients.RequestError)
            assert issubclass(kind, errors.NetbasicsError)
            assert issubclass(kind, OSError)
