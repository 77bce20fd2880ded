"""Checks follow."""

import pytest
from follow import follow

from netbasics import lab
from netbasics.practice import Response

TOKEN = ("Authorization", "Bearer s3cret")
BODY = b'{"name": "Ada"}'
JSON = ("Content-Type", "application/json")
TRACE = ("X-Trace", "7")


def header(headers, name):
    """The value of a header, its name in any case."""
    return {key.lower(): value for key, value in headers}.get(name)


def answered(check, status, body, *args):
    """Call it; this must be the answer that comes back."""
    response = check.call(follow, *args)
    check.that(
        isinstance(response, Response),
        "a Response (of netbasics.practice)",
        f"a {type(response).__name__}",
    )
    check.equal(response.status, status, "status")
    check.equal(bytes(response.body), body, "body")
    return response


def asked(check, peer, *lines):
    """The peer must have been asked for exactly this."""
    got = [f"{each.method} {each.target}" for each in peer.requests]
    check.equal(got, list(lines), "requests that the server got")


def bodies(peer):
    return [each.body for each in peer.requests]


def about_a_body(peer):
    """The names in the second request that begin with `Content-`."""
    names = [name for name, _ in peer.requests[1].headers]
    return [name for name in names if name.lower().startswith("content-")]


def tokens(peer):
    return [each.header("Authorization") for each in peer.requests]


def test_no_redirect(check):
    """The server answers at once, and there is nothing to follow."""
    site = check.peer(lab.origin())
    site.put("/users?page=2", b"made", status=201, headers=[("X-Id", "9")])
    url = site.url + "/users?page=2"
    response = answered(
        check, 201, b"made", "POST", url, [JSON, TRACE, TOKEN], BODY, 3
    )
    check.equal(header(response.headers, "x-id"), "9", "header X-Id")
    asked(check, site, "POST /users?page=2")
    request = site.requests[0]
    for name, value in [JSON, TRACE, TOKEN]:
        check.equal(request.header(name), value, f"header {name} that it got")
    check.equal(request.body, BODY, "body that the server got")


@pytest.mark.parametrize("status", [404, 503, 304])
def test_other_answers(check, status):
    """The server answers with a status that is no redirect."""
    site = check.peer(lab.origin())
    body = b"" if status == 304 else b"why\n"
    site.put("/", body, status=status)
    check.mistake(
        "A status is no exception here: whatever is no redirect is the last "
        "answer. `urllib` raises for a status that it does not like; what it "
        "raises has status, headers and body, as an answer has.",
        lambda it: str(status) in str(it.error),
    )
    answered(check, status, body, "GET", site.url + "/", [], None, 3)


def test_relative_locations(check):
    """The server redirects four times, once by a whole URL."""
    site = check.peer(lab.origin())
    site.redirect("/a/b", "c?x=1")
    site.redirect("/a/c?x=1", "../d", 301)
    site.redirect("/d", "?y=2", 307)
    site.redirect("/d?y=2", site.url + "/end", 308)
    site.put("/end", b"here")
    check.mistake(
        "A `Location` may be relative to the URL that was asked last; "
        "`urllib.parse.urljoin` joins them.",
        lambda it: it.error is not None or it.value.status == 404,
    )
    answered(check, 200, b"here", "GET", site.url + "/a/b", [TRACE], None, 9)
    lines = ["/a/b", "/a/c?x=1", "/d", "/d?y=2", "/end"]
    asked(check, site, *(f"GET {line}" for line in lines))
    traces = [each.header("X-Trace") for each in site.requests]
    check.equal(traces, ["7"] * 5, "header X-Trace at each request")


@pytest.mark.parametrize(
    ("method", "status"),
    [("POST", 303), ("POST", 302), ("POST", 301), ("PUT", 303)],
)
def test_it_becomes_a_get(check, method, status):
    """A request with a body is answered by a redirect that makes it a GET."""
    site = check.peer(lab.origin())
    site.redirect("/form", "/thanks", status)
    site.put("/thanks", b"thanks")
    headers = [JSON, ("content-language", "en"), TRACE]
    check.mistake(
        f"After a {status} a POST becomes a GET, and after a 303 everything "
        "does: what is at the `Location` is the answer's page, and not another "
        "place to send the data to.",
        lambda it: site.requests[1].method != "GET",
    )
    check.mistake(
        "The GET has headers of a body whose body is gone: whatever begins "
        "with `Content-` goes with it, names in any case.",
        lambda it: site.requests[1].method == "GET" and about_a_body(site),
    )
    answered(
        check, 200, b"thanks", method, site.url + "/form", headers, BODY, 3
    )
    asked(check, site, f"{method} /form", "GET /thanks")
    check.equal(bodies(site), [BODY, b""], "bodies that the server got")
    check.equal(about_a_body(site), [], "headers Content-* of the GET")
    trace = site.requests[1].header("X-Trace")
    check.equal(trace, "7", "header X-Trace of the GET")


@pytest.mark.parametrize(
    ("method", "status"),
    [("POST", 307), ("POST", 308), ("PUT", 302), ("PUT", 301)],
)
def test_it_stays(check, method, status):
    """A request with a body is redirected as it is, to the same server."""
    site = check.peer(lab.origin())
    site.redirect("/old", "/new", status)
    site.put("/new", b"done")
    if method == "PUT":
        text = (
            f"Only a POST becomes a GET after a {status}; a PUT stays a PUT. "
            "(Some libraries change it, `requests` after a 302.)"
        )
    else:
        text = (
            f"After a {status} a request keeps its method and its body: it "
            "says that the same is to be done elsewhere."
        )
    check.mistake(text, lambda it: site.requests[1].method == "GET")
    url = site.url + "/old"
    answered(check, 200, b"done", method, url, [JSON, TRACE], BODY, 3)
    asked(check, site, f"{method} /old", f"{method} /new")
    check.equal(bodies(site), [BODY, BODY], "bodies that the server got")
    second = site.requests[1]
    for name, value in [JSON, TRACE]:
        check.equal(second.header(name), value, f"second header {name}")


def test_the_token_stays_within_its_origin(check):
    """The server redirects to another page of its own."""
    site = check.peer(lab.origin())
    site.redirect("/a", "/b", 302)
    site.redirect("/b", site.url + "/c", 307)
    site.put("/c", b"private")
    check.mistake(
        "It left its token away although the redirect stays within the origin, "
        "where the token belongs.",
        lambda it: tokens(site)[-1] is None,
    )
    answered(check, 200, b"private", "GET", site.url + "/a", [TOKEN], None, 3)
    check.equal(tokens(site), [TOKEN[1]] * 3, "tokens that the server got")


def test_another_port(check):
    """The server redirects to another one, on another port of the same host."""
    site, other = check.peer(lab.origin()), check.peer(lab.origin())
    site.redirect("/a", other.url + "/b")
    other.put("/b", b"there")
    check.mistake(
        "The token went to another origin. Scheme, host and port are an "
        "origin: another port is another origin, for another program may "
        "listen there.",
        lambda it: any(tokens(other)),
    )
    url = site.url + "/a"
    answered(check, 200, b"there", "GET", url, [TOKEN, TRACE], None, 3)
    check.equal(tokens(other), [None], "tokens that the other server got")
    check.equal(other.requests[0].header("X-Trace"), "7", "its header X-Trace")


def test_another_host(check):
    """The server redirects to another name, on the same port."""
    site = check.peer(lab.origin())
    site.redirect("/a", f"http://localhost:{site.port}/b", 307)
    site.put("/b", b"there")
    check.mistake(
        "The token went to another origin: another host is another origin, "
        "even if its port is the same.",
        lambda it: all(tokens(site)),
    )
    answered(check, 200, b"there", "GET", site.url + "/a", [TOKEN], None, 3)
    check.equal(tokens(site), [TOKEN[1], None], "tokens that came, by request")


def test_a_token_by_another_spelling(check):
    """The server redirects elsewhere; the header is `authorization`."""
    site, other = check.peer(lab.origin()), check.peer(lab.origin())
    site.redirect("/a", other.url + "/b", 303)
    other.put("/b", b"there")
    check.mistake(
        "The names of headers are the same in any case: this one was "
        "`authorization`, and it went to another origin.",
        lambda it: any(tokens(other)),
    )
    headers = [("authorization", TOKEN[1])]
    answered(check, 200, b"there", "GET", site.url + "/a", headers, None, 3)
    check.equal(tokens(other), [None], "tokens that the other server got")


def test_redirects_elsewhere(check):
    """The server redirects to another one, which redirects to itself."""
    site, other = check.peer(lab.origin()), check.peer(lab.origin())
    site.redirect("/a", other.url + "/b")
    other.redirect("/b", "/c")
    other.redirect("/c", other.url + "/d")
    other.put("/d", b"there")
    check.mistake(
        "The token came back at the second redirect. That one stays within an "
        "origin, but it is not the origin that the token is for.",
        lambda it: any(tokens(other)),
    )
    answered(check, 200, b"there", "GET", site.url + "/a", [TOKEN], None, 5)
    got = tokens(other)
    check.equal(got, [None] * 3, "tokens that the other server got")


@pytest.mark.parametrize("limit", [2, 0])
def test_as_many_redirects_as_allowed(check, limit):
    """The server redirects just as often as the limit allows."""
    site = check.peer(lab.origin())
    for number in range(limit):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put(f"/{limit}", b"end")
    check.mistake(
        "`limit` counts redirects, not requests: with a limit of 0 there is "
        "one request still.",
        lambda it: isinstance(it.error, ValueError),
    )
    answered(check, 200, b"end", "GET", site.url + "/0", [], None, limit)


@pytest.mark.parametrize("limit", [3, 0])
def test_a_loop(check, limit):
    """The server redirects in a circle."""
    site = check.peer(lab.origin())
    site.redirect("/0", "/1")
    site.redirect("/1", "/0")
    check.raises(ValueError, follow, "GET", site.url + "/0", [], None, limit)
    count = limit + 1
    check.equal(len(site.requests), count, "how many requests there were")
