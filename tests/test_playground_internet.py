"""The offline internet: textbook code runs in it, and nothing leaves it."""

import asyncio
import errno
import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import aiohttp
import pytest
import requests
import urllib3

from netbasics import aio, apis, clients, playground, servers, sockets
from netbasics.playground.offline.hosting import NAMES

SOON = 0.1  # seconds: what a refusal may take


@pytest.fixture(scope="module")
def net():
    with playground.internet() as net:
        yield net


def get(url):
    return requests.get(url, timeout=20)


def take(sock):
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return data


def fails_at_once(call, kind=OSError):
    """Call it, see it fail soon and with the reason; return the error."""
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        call()
    assert time.monotonic() - start < SOON
    assert "offline internet" in str(caught.value)
    assert "api.github.com" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_answers_over_http_and_https(net, name, scheme):
    response = get(f"{scheme}://{name}/")
    assert response.status_code == 200
    assert response.url == f"{scheme}://{name}/"


def test_a_user_of_github_as_the_textbook_asks_for_it(net):
    response = requests.get("https://api.github.com/users/octocat", timeout=20)
    user = response.json()
    assert (response.status_code, user["login"]) == (200, "octocat")
    assert user["url"] == "https://api.github.com/users/octocat"
    missing = get("https://api.github.com/users/nobody-is-called-that")
    for answer in (response, missing):
        assert answer.headers["X-RateLimit-Limit"] == "5000"
        assert int(answer.headers["X-RateLimit-Remaining"]) < 5000
        assert int(answer.headers["X-RateLimit-Reset"]) > time.time()
    assert missing.status_code == 404


def test_the_events_with_which_the_manual_of_requests_begins(net):
    events = requests.get("https://api.github.com/events", timeout=20).json()
    assert events[0]["repo"]["url"].startswith("https://api.github.com/repos/")
    assert requests.get(events[0]["repo"]["url"], timeout=20).ok
    times = [event["created_at"] for event in events]
    assert times == sorted(times, reverse=True)


def test_httpbin_sees_its_own_name(net):
    with urllib.request.urlopen(
        "https://httpbin.org/post", data=b"a=1", timeout=20
    ) as response:
        seen = json.load(response)
    assert seen["form"] == {"a": "1"}
    assert seen["url"] == "https://httpbin.org/post"
    assert seen["headers"]["Host"] == "httpbin.org"


def test_a_redirect_stays_on_its_name(net):
    response = get("http://httpbin.org/redirect/2")
    assert response.url == "http://httpbin.org/get"
    assert len(response.history) == 2


def test_a_bare_socket_and_a_request_by_hand(net):
    with socket.socket() as sock:
        sock.settimeout(20)
        sock.connect(("www.example.com", 80))
        sock.sendall(
            b"GET / HTTP/1.1\r\nHost: www.example.com\r\n"
            b"Connection: close\r\n\r\n"
        )
        answer = take(sock)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"<title>Example Domain</title>" in answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/none", 404), ("POST", "/", 405), ("HEAD", "/", 200)],
)
def test_the_site_has_one_page(net, method, path, status):
    response = requests.request(
        method, "https://www.example.com" + path, timeout=20
    )
    assert response.status_code == status
    assert bool(response.content) == (method != "HEAD")


def test_what_connects_by_name_and_port(net):
    for host in ("www.example.com", "WWW.Example.COM", "example.org."):
        with socket.create_connection((host, "http"), timeout=20) as sock:
            assert sock.getpeername()[0] == "127.0.0.1"
    with sockets.connect(("example.com", 443)) as sock, socket.socket() as ex:
        assert ex.connect_ex((b"example.com", 80)) == 0


@pytest.mark.anyio
async def test_aiohttp_with_its_context_of_long_ago(net):
    async with aiohttp.ClientSession() as session:
        for url in ("https://httpbin.org/get", "http://httpbin.org/get"):
            async with session.get(url) as response:
                assert (await response.json())["url"] == url


@pytest.mark.anyio
async def test_streams_and_sockets_of_asyncio(net):
    reader, writer = await asyncio.open_connection(
        "www.example.com", 443, ssl=True
    )
    writer.write(b"GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n")
    assert b"Example Domain" in await reader.read()
    writer.close()
    await writer.wait_closed()
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, ("example.com", 80))
    found = await loop.getaddrinfo("example.com", 80)
    assert found[0][4][0].startswith("127.")
    with pytest.raises(socket.gaierror, match="offline internet"):
        await asyncio.open_connection("pypi.org", 443)
    with pytest.raises(OSError, match="offline internet"):
        await asyncio.open_connection("8.8.8.8", 53)


def test_the_libraries_of_others(net):
    pool = urllib3.PoolManager()
    assert pool.request("GET", "https://example.org/").status == 200
    pool.clear()
    connection = http.client.HTTPSConnection("api.example.com", timeout=20)
    connection.request("GET", "/users/1")
    assert json.load(connection.getresponse())["name"] == "Learner 1"
    connection.close()


def test_httpx_if_it_is_there(net):
    httpx = pytest.importorskip("httpx")
    assert httpx.get("https://example.com/").status_code == 200


@pytest.mark.anyio
async def test_our_own_clients(net):
    url = "https://api.example.com/users/1"
    assert clients.get(url).json()["id"] == 1
    with apis.APIClient("https://api.github.com") as github:
        assert github.get("users/octocat")["login"] == "octocat"
    (result,) = await aio.fetch_all([url])
    assert result.status == 200


OTHERS = {
    "gethostbyname": lambda: socket.gethostbyname("pypi.org"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("pypi.org"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("pypi.org"),
    "getaddrinfo": lambda: socket.getaddrinfo("pypi.org", 443),
    "create_connection": lambda: socket.create_connection(("pypi.org", 443)),
    "no case": lambda: socket.getaddrinfo("PyPI.org.", 443),
    "a subdomain": lambda: socket.getaddrinfo("www.api.github.com", 443),
    "other letters": lambda: socket.getaddrinfo("bücher.example", 443),
    "too long": lambda: socket.getaddrinfo("a" * 64 + ".org", 443),
    "broadcast": lambda: socket.getaddrinfo("<broadcast>", 1),
    "sockets": lambda: sockets.connect(("pypi.org", 443)),
    "requests": lambda: requests.get("https://pypi.org/", timeout=20),
    "urllib": lambda: urllib.request.urlopen("http://pypi.org/", timeout=20),
}


@pytest.mark.parametrize("way", OTHERS)
def test_every_other_name_fails_at_once(net, way):
    fails_at_once(OTHERS[way])


def dial(host, port=80, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as sock:
        sock.settimeout(20)
        sock.connect((host, port))


def send(kind, *args):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        getattr(sock, kind)(*args)


ADDRESSES = {
    "public": lambda: dial("8.8.8.8"),
    "private": lambda: dial("10.0.0.1"),
    "any": lambda: dial("0.0.0.0"),
    "none": lambda: dial(""),
    "a number": lambda: dial("134744072"),
    "IPv6": lambda: dial("2001:db8::1", family=socket.AF_INET6),
    "a scope": lambda: dial("fe80::1%lo", family=socket.AF_INET6),
    "IPv4 in IPv6": lambda: dial("::ffff:8.8.8.8", family=socket.AF_INET6),
    "by name": lambda: dial("pypi.org"),
    "UDP": lambda: dial("8.8.8.8", 53, kind=socket.SOCK_DGRAM),
    "sendto": lambda: send("sendto", b"x", ("8.8.8.8", 53)),
    "sendto, flags": lambda: send("sendto", b"x", 0, ("8.8.8.8", 53)),
    "sendmsg": lambda: send("sendmsg", [b"x"], [], 0, ("8.8.8.8", 53)),
    "requests": lambda: requests.get("http://192.0.2.1/", timeout=20),
    "clients": lambda: clients.get("http://192.0.2.1/", retries=0),
}


@pytest.mark.parametrize("way", ADDRESSES)
def test_every_address_elsewhere_fails_at_once(net, way):
    fails_at_once(ADDRESSES[way])


def test_connect_ex_returns_the_number_as_ever(net):
    with socket.socket() as sock:
        assert sock.connect_ex(("8.8.8.8", 80)) == errno.ENETUNREACH
        assert sock.connect_ex(("example.com", 81)) == errno.ECONNREFUSED
        with pytest.raises(socket.gaierror, match="offline"):
            sock.connect_ex(("pypi.org", 80))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_name_has_nothing_on_other_ports(net, kind):
    port = 22 if kind == socket.SOCK_STREAM else 80
    with pytest.raises(
        ConnectionRefusedError, match=r"example\.com port .* on port 80 and 443"
    ):
        dial("example.com", port, kind=kind)


def test_a_mistake_in_an_address_is_the_mistake_that_it_was(net):
    with socket.socket() as sock:
        for wrong in ("example.com", ("example.com",), (1, 2), ()):
            with pytest.raises(TypeError):
                sock.connect(wrong)
        with pytest.raises(TypeError):
            sock.connect(("example.com", "80"))
        with pytest.raises(OverflowError):
            sock.connect(("example.com", 70000))


def test_the_machine_itself_is_there_as_ever(net):
    with servers.EchoServer() as server:
        for host in ("127.0.0.1", "127.1", "localhost", "my.localhost"):
            with socket.create_connection((host, server.port), 20) as sock:
                sock.sendall(b"hi")
                assert sock.recv(2) == b"hi"
        dial(socket.gethostname(), server.port)
        dial("my.localhost", server.port)
    assert socket.gethostbyname(socket.gethostname()) == "127.0.0.1"
    assert socket.getfqdn("127.0.0.1")
    with servers.UDPEchoServer() as server:
        assert sockets.ask_udp(server.address, b"hi") == b"hi"
    left, right = socket.socketpair()  # a family without hosts
    left.close()
    right.close()


def test_ipv6_of_this_machine(net):
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 here")
    with listener:
        dial("::1", listener.getsockname()[1], socket.AF_INET6)
    with pytest.raises(socket.gaierror, match="no IPv6"):
        dial("example.com", 80, socket.AF_INET6)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.com", 80, socket.AF_INET6)


def test_look_ups_agree_with_each_other(net):
    address = socket.gethostbyname("example.com")
    assert address.startswith("127.")
    assert address != socket.gethostbyname("www.example.com")
    found = socket.getaddrinfo(
        "Example.com", 80, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME
    )
    assert [(one[3], one[4]) for one in found] == [
        ("example.com", (address, 80))
    ]
    assert socket.gethostbyname_ex("example.com") == (
        "example.com",
        [],
        [address],
    )
    assert socket.gethostbyaddr(address)[0] == "example.com"
    assert socket.gethostbyaddr("127.0.0.1")[0] == "localhost"
    assert socket.getnameinfo((address, 80), 0) == ("example.com", "http")
    assert socket.getnameinfo(("127.0.0.1", 80), 0)[0] == "localhost"
    assert socket.getnameinfo(("8.8.8.8", 80), 0)[0] == "8.8.8.8"
    with pytest.raises(socket.gaierror):
        socket.getnameinfo(("8.8.8.8", 80), socket.NI_NAMEREQD)
    with pytest.raises(socket.herror, match=r"1] no host .*offline"):
        socket.gethostbyaddr("8.8.8.8")
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.com", 80, flags=socket.AI_NUMERICHOST)


def test_its_repr_and_names(net):
    assert repr(net).startswith("<Internet: on, with api.github.com, ")
    assert net.names == list(NAMES)
    assert "internet" in dir(playground)


def test_many_threads_ask_at_once(net):
    found = []

    def ask():
        found.append(get("https://api.github.com/users/octocat").status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
