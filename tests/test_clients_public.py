"""URLs from outside: public addresses only, by the addresses checked."""

import http.server
import socket
import threading

import pytest
import requests
from clients_help import Site, answer, at_most, redirect

from netbasics import certs, clients, errors

PUBLIC = "93.184.215.14"


class Net:
    """Names with public addresses, all of which lead to one local port."""

    def __init__(self, port, **names):
        self.port = port
        self.names = {"a.example": [PUBLIC], **names}
        self.asked = []
        self.dialled = []

    def resolver(self, host):
        self.asked.append(host)
        answers = self.names.get(host.replace("-", "_"), [])
        # A list of lists is one answer for each look-up.
        if answers and isinstance(answers[0], list):
            return answers.pop(0)
        return answers or [host]

    def connect(self, ip, port):
        self.dialled.append((ip, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def get(self, url, **options):
        return clients.get(
            url,
            public_only=True,
            resolver=self.resolver,
            connect=self.connect,
            **options,
        )


@pytest.fixture
def site():
    with Site([answer(b"public")]) as site:
        yield site


def test_a_public_url_is_fetched_from_the_address_that_was_checked(site):
    net = Net(site.port)
    assert net.get("http://a.example:8080/x?y").text == "public"
    assert net.asked == ["a.example"]
    assert net.dialled == [(PUBLIC, 8080)]
    assert site.seen[0].target == "/x?y"
    assert site.seen[0]["Host"] == "a.example:8080"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://224.0.0.1/",
        "http://user@127.0.0.1/",
        "http://93.184.215.14@127.0.0.1/",
        "http://127.0.0.1\\@93.184.215.14/",
        "http://127.0.0.1#@93.184.215.14/",
        "http://①②⑦.0.0.1/",
        "http://localhost./",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://93.184.215.14/",
        "93.184.215.14/",
        "",
    ],
)
def test_what_is_not_public_is_never_contacted(url):
    with Site([answer(b"canary")]) as canary:
        net = Net(canary.port)
        with pytest.raises(errors.UnsafeURL) as caught:
            net.get(url)
        assert isinstance(caught.value, requests.RequestException)
        assert isinstance(caught.value, errors.InvalidURL)
        assert net.dialled == []
        assert canary.seen == []


def test_a_name_that_leads_inside_is_refused(site):
    net = Net(site.port, **{"in.example": ["10.0.0.7"]})
    with pytest.raises(clients.NotPublic, match=r"10\.0\.0\.7.*private"):
        net.get("http://in.example/")
    assert site.seen == []


def test_one_private_address_among_public_ones_is_enough(site):
    net = Net(site.port, **{"in.example": [PUBLIC, "10.0.0.7"]})
    with pytest.raises(clients.NotPublic):
        net.get("http://in.example/")


def test_a_rebinding_name_is_looked_up_once(site):
    net = Net(site.port, **{"re.example": [[PUBLIC], ["127.0.0.1"]]})
    assert net.get("http://re.example/").text == "public"
    assert net.asked == ["re.example"]
    assert net.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "//127.0.0.1:{port}/",
        "http://in.example/",
        "https://[::1]/",
        "http://[::1",
        "http://in.example:99999/",
        "file:///etc/passwd",
    ],
)
def test_each_redirect_is_checked_again(to):
    with Site([answer(b"canary")]) as canary:
        with Site([redirect(to.format(port=canary.port))]) as site:
            net = Net(site.port, **{"in.example": ["192.168.0.1"]})
            with pytest.raises(clients.NotPublic):
                net.get("http://a.example/")
            assert len(site.seen) == len(net.dialled) == 1
        assert canary.seen == []


def test_a_redirect_to_a_name_that_was_rebound_is_refused():
    with Site([redirect("http://re.example:81/")]) as site:
        net = Net(site.port, **{"re.example": [[PUBLIC], ["127.0.0.1"]]})
        with pytest.raises(clients.NotPublic):
            net.get("http://re.example/")
        assert net.dialled == [(PUBLIC, 80)]


def test_a_public_redirect_is_followed():
    with Site([redirect("http://b.example/next"), answer(b"there")]) as site:
        net = Net(site.port, **{"b.example": ["8.8.8.8"]})
        assert net.get("http://a.example/").text == "there"
        assert net.asked == ["a.example", "b.example"]
        assert net.dialled == [(PUBLIC, 80), ("8.8.8.8", 80)]


def test_no_proxy_and_no_netrc_are_used(site, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine a.example login ann password pw\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Site([answer(b"proxy")]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        net = Net(site.port)
        assert net.get("http://a.example/").text == "public"
        given = {"http": proxy.url}
        assert net.get("http://a.example/", proxies=given).text == "public"
        assert proxy.seen == []
    assert site.seen[0]["Authorization"] is None


def test_tls_asks_for_the_name_and_checks_it(tmp_path):
    authority = certs.Authority()
    ca = str(authority.write_pem(tmp_path / "ca.pem"))
    tls = authority.issue("a.example").server_context()
    names = []
    tls.sni_callback = lambda _sock, name, _context: names.append(name)
    with Site([answer(b"safe")], tls=tls) as site:
        net = Net(site.port, **{"b.example": [PUBLIC]})
        assert net.get("https://a.example/", verify=ca).text == "safe"
        with pytest.raises(clients.TLSFailed, match=r"b\.example"):
            net.get("https://b.example/", verify=ca)
    assert names == ["a.example", "b.example"]
    assert net.dialled[0] == (PUBLIC, 443)


def test_the_deadline_holds_over_the_dialled_socket():
    with Site([]) as site:
        site.replies.append(site.drip(b"HTTP/1.1 200 OK\r\n" * 100))
        net = Net(site.port)
        with at_most(0.4), pytest.raises(clients.DeadlineExceeded):
            net.get("http://a.example/", timeout=0.3, deadline=0.4)


def test_the_next_address_is_tried_when_the_first_refuses(site):
    net = Net(site.port, **{"two.example": ["8.8.4.4", PUBLIC]})

    def connect(ip, port):
        if ip == "8.8.4.4":
            raise ConnectionRefusedError(111, "refused")
        return Net.connect(net, ip, port)

    answered = clients.get(
        "http://two.example/",
        public_only=True,
        resolver=net.resolver,
        connect=connect,
    )
    assert answered.text == "public"
    assert net.dialled == [(PUBLIC, 80)]


def test_a_name_that_is_unknown_is_not_a_question_of_safety():
    def resolver(host):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(clients.NotConnected, match="was not found"):
        clients.get("http://x.example/", public_only=True, resolver=resolver)


def test_a_session_can_be_for_public_urls_and_says_so(site):
    net = Net(site.port)
    with clients.session(
        public_only=True, resolver=net.resolver, connect=net.connect
    ) as session:
        assert session.get("http://a.example/").text == "public"
        with pytest.raises(clients.NotPublic):
            session.get(site.url)
        assert "public only" in repr(session)


def test_certificates_of_the_environment_still_count(monkeypatch, tmp_path):
    authority = certs.Authority()
    ca = str(authority.write_pem(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca)
    tls = authority.issue("a.example").server_context()
    with Site([answer(b"safe")], tls=tls) as site:
        assert Net(site.port).get("https://a.example/").text == "safe"


def test_an_http_server_of_the_standard_library_sees_the_name():
    hosts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hosts.append(self.headers["Host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        net = Net(server.server_port)
        assert net.get("http://a.example/").status_code == 204
        thread.join(5)
    assert hosts == ["a.example"]
