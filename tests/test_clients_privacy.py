"""No key in another origin's hands, an error, a log line or a repr."""

import logging
import pickle
import traceback

import pytest
import requests
from clients_help import Site, answer, redirect, reset, then_close, unused_port
from requests.auth import HTTPDigestAuth

from netbasics import clients
from netbasics.clients.privacy import same_origin

SECRETS = {
    "Authorization": "Bearer hush",
    "X-Api-Key": "hush",
    "Cookie": "session=hush",
    "Private-Token": "hush",
    "X-Whatever": "hush",
    "Idempotency-Key": "hush",
    "Proxy-Authorization": "hush",
}


def told(seen):
    return repr(seen.headers) + seen.target


@pytest.mark.parametrize("where", ["session", "call"])
@pytest.mark.parametrize(
    "status", ["301 A", "302 B", "303 C", "307 D", "308 E"]
)
def test_no_secret_header_goes_to_another_origin(status, where):
    kept, given = (SECRETS, {}) if where == "session" else ({}, SECRETS)
    with (
        Site([answer()]) as other,
        Site([redirect(other.url, status)]) as home,
        clients.session(headers=kept) as session,
    ):
        session.get(home.url, headers=given)
        assert "hush" in told(home.seen[0])
        assert "hush" not in told(other.seen[0])
        # It stays a request like any other.
        assert other.seen[0]["User-Agent"]
        assert other.seen[0]["Accept-Encoding"]


@pytest.mark.parametrize(
    "auth", [("ann", "hush"), requests.auth.HTTPBasicAuth("ann", "hush")]
)
def test_no_password_goes_to_another_origin(auth):
    with Site([answer()]) as other, Site([redirect(other.url)]) as home:
        clients.get(home.url, auth=auth)
        assert home.seen[0]["Authorization"]
        assert other.seen[0]["Authorization"] is None
    with Site([answer()]) as other, Site([redirect(other.url)]) as home:
        clients.get(home.url.replace("//", "//ann:hush@"))
        assert home.seen[0]["Authorization"]
        assert other.seen[0]["Authorization"] is None


def test_another_host_on_the_same_port_is_another_origin():
    def hop(_sock, seen):
        if seen["Host"].startswith("127"):
            return redirect(f"http://localhost:{site.port}/")
        return answer()

    with Site([hop]) as site:
        clients.get(site.url, headers=SECRETS)
        assert "hush" in told(site.seen[0])
        assert "hush" not in told(site.seen[1])


def test_a_secret_does_not_come_back_at_the_second_redirect():
    with Site([]) as other, Site([redirect(other.url), answer()]) as home:
        other.replies.append(redirect(home.url))
        with clients.session(headers=SECRETS) as session:
            session.get(home.url)
        assert len(home.seen) == 2
        assert "hush" not in told(home.seen[1])


def test_within_an_origin_headers_stay():
    with Site([redirect("/b"), answer()]) as site:
        clients.get(site.url, headers={"X-Api-Key": "mine"})
        assert site.seen[1]["X-Api-Key"] == "mine"


def test_cookies_without_a_host_stay_at_home():
    # requests sends them anywhere.
    for given in ("call", "session"):
        with Site([answer()]) as other:
            to = other.url.replace("127.0.0.1", "localhost")
            with Site([redirect(to)]) as home, clients.session() as session:
                cookies = {"sid": "hush"}
                if given == "session":
                    session.cookies.update(cookies)
                    cookies = None
                session.get(home.url, cookies=cookies)
                assert home.seen[0]["Cookie"] == "sid=hush"
                assert other.seen[0]["Cookie"] is None


def test_cookies_of_a_host_follow_the_rules_of_cookies():
    # They ignore ports (RFC 6265, 8.5), as everywhere.
    with Site([answer()]) as other:
        setting = answer(
            b"", "302 Found", Location=other.url, Set_Cookie="sid=1"
        )
        with Site([setting]) as home, clients.session() as session:
            session.get(home.url)
            assert session.cookies["sid"] == "1"
        assert other.seen[0]["Cookie"] == "sid=1"


def test_no_digest_is_computed_for_another_origin():
    challenge = answer(
        b"", "401 No", WWW_Authenticate='Digest realm="r", nonce="n"'
    )
    with Site([challenge]) as other, Site([redirect(other.url)]) as home:
        response = clients.get(home.url, auth=HTTPDigestAuth("ann", "hush"))
        assert response.status_code == 401
        assert len(other.seen) == 1
    with Site([challenge, answer()]) as home:
        response = clients.get(home.url, auth=HTTPDigestAuth("ann", "hush"))
        assert response.status_code == 200
        assert home.seen[1]["Authorization"].startswith("Digest")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a/", "http://a:80/x", True),
        ("https://a/", "https://a:443/", True),
        ("http://A/", "HTTP://a/", True),
        # The holes in requests: an upgrade on the standard ports.
        ("http://a/", "https://a/", False),
        ("http://a:80/", "https://a:443/", False),
        ("https://a/", "http://a/", False),
        ("http://a/", "http://a:8080/", False),
        ("http://a/", "http://b/", False),
        ("http://a/", "http://a.b/", False),
        ("http://a/", "http://a@b/", False),
        ("http://[::1]/", "http://[::1]:80/", True),
    ],
)
def test_an_origin_is_scheme_host_and_port(one, other, same):
    assert same_origin(one, other) is same
    session = clients.session(headers={"Authorization": "hush"})
    old = session.prepare_request(requests.Request("GET", one))
    new = old.copy()
    new.url = other
    response = requests.Response()
    response.request = old
    session.rebuild_auth(new, response)
    assert ("Authorization" in new.headers) is same


def test_netrc_does_not_replace_an_explicit_key(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password pw\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Site([answer()]) as site:
        clients.get(site.url)
        assert site.seen[-1]["Authorization"].startswith("Basic")
        clients.get(site.url, headers={"authorization": "Bearer mine"})
        assert site.seen[-1]["Authorization"] == "Bearer mine"
        with clients.session(headers={"Authorization": "Bearer mine"}) as s:
            s.get(site.url)
        assert site.seen[-1]["Authorization"] == "Bearer mine"
    # Nor is it given to whoever is redirected to.
    with Site([answer()]) as other, Site([redirect(other.url)]) as home:
        clients.get(home.url)
        assert other.seen[0]["Authorization"] is None


def failures():
    """Calls that fail, each in its own way; `{url}` has a secret."""
    refused = f"http://127.0.0.1:{unused_port()}"
    yield "refused", [], {"base": refused}
    yield "reset", [reset], {}
    yield "cut", [then_close(answer(b"x", Content_Length=9))], {}
    yield "garbage", [then_close(b"\xff\xfe\r\n\r\n")], {}
    yield "large", [answer(b"x" * 100)], {"max_bytes": 10}
    yield "packing", [answer(b"x", Content_Encoding="gzip")], {}
    yield "status", [answer(b"", "404 No")], {"check": True}
    yield "redirects", [redirect("/?token=hush")], {}
    yield "moved to", [redirect("ftp://ann:hush@127.0.0.1/?token=hush")], {}
    yield "silent", [None], {"timeout": 0.1}
    yield "late", [None], {"deadline": 0.1}
    yield "scheme", [], {"base": "ftp://127.0.0.1"}
    yield "no scheme", [], {"base": "127.0.0.1"}
    yield "bad host", [], {"base": "http://*.a"}
    yield "bad port", [], {"base": "http://a:99999"}
    yield "public", [answer()], {"public_only": True}
    yield "proxy", [], {"proxies": {"http": "http://ann:hush@127.0.0.1:1"}}
    yield "verify", [], {"base": "https://127.0.0.1:1"}
    yield "header", [], {"headers": {"X-Key": "hush\n"}}
    yield "header 2", [], {"headers": {"X-Key": " hush"}}
    yield "header 3", [], {"headers": {"X-Key": ["hush"]}}


def check_status(response, check):
    assert check
    response.raise_for_status()


@pytest.mark.parametrize(
    ("replies", "options"),
    [case[1:] for case in failures()],
    ids=[case[0] for case in failures()],
)
def test_no_error_and_no_log_line_has_a_key(replies, options, caplog):
    caplog.set_level(logging.DEBUG)
    options = dict(options)
    base, check = options.pop("base", ""), options.pop("check", False)
    options.setdefault("headers", {"Authorization": "Bearer hush"})
    with Site(replies) as site:
        if replies == [None]:
            replies[0] = site.silence
        host = base or site.url
        url = host.replace("://", "://ann:hush@") + "/?token=hush#key=hush"
        with pytest.raises(requests.RequestException) as caught:
            check_status(clients.get(url, retries=1, **options), check)
    error = caught.value
    story = "".join(traceback.format_exception(error)) + str(vars(error))
    assert "hush" not in story.replace("token=hush#", "")  # this file's lines
    assert "hush" not in f"{error} {error!r} {error.args}"
    chain, seen = error, []
    while chain is not None:
        seen.append(str(chain))
        chain = chain.__cause__ or chain.__context__
    assert "hush" not in " ".join(seen)
    assert "hush" not in caplog.text
    if isinstance(error, clients.RequestError):
        copy = pickle.loads(pickle.dumps(error))
        assert str(copy) == str(error)
        assert b"hush" not in pickle.dumps(error)


def test_a_bad_header_is_named():
    with pytest.raises(requests.exceptions.InvalidHeader) as caught:
        clients.get("http://127.0.0.1/", headers={"X-Key": "hush\n"})
    assert "X-Key" in str(caught.value)
    assert "strip()" in str(caught.value)


def test_urllib3_logs_without_the_query_and_still_logs(caplog):
    caplog.set_level(logging.DEBUG, "urllib3")
    with Site([answer()]) as site, clients.session() as session:
        session.get(f"{site.url}/a?page=2&api_key=hush")
    assert "GET /a?page=2&api_key=*** HTTP/1.1" in caplog.text
    assert "hush" not in caplog.text


def test_the_session_stays_the_one_place_of_a_key():
    with clients.session(headers={"Authorization": "hush"}) as session:
        assert "hush" not in repr(session)
        assert "hush" not in repr(session.adapters)
