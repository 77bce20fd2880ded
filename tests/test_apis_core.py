"""What the API client decides without I/O: endpoints, keys, links, pages."""

import copy
import itertools
import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request
from requests.utils import parse_header_links

from netbasics import urls
from netbasics.apis import (
    ByCursor,
    ByLink,
    ByPage,
    Key,
    Link,
    MissingVariable,
    parse_link_header,
)
from netbasics.apis.endpoints import Base, param, with_params
from netbasics.apis.keys import KeyAuth, from_environment
from netbasics.apis.paging import Page, Pager, _digest, way
from netbasics.errors import InvalidURL, LimitExceeded

# Links


def told(value):
    return [(link.url, link.rel) for link in parse_link_header(value)]


@pytest.mark.parametrize(
    ("value", "links"),
    [
        (None, []),
        ("", []),
        ("</a>; rel=next", [("/a", "next")]),
        ('</a>; rel="next"', [("/a", "next")]),
        ('</a>;REL="Next"', [("/a", "next")]),
        (
            '</a>;  rel = "next" , </b>;rel=last',
            [("/a", "next"), ("/b", "last")],
        ),
        ('</a,b>; rel="next"', [("/a,b", "next")]),
        ('</a;b?c=d>; rel="next"', [("/a;b?c=d", "next")]),
        ('</a>; title="x, <y>; rel=last"; rel="next"', [("/a", "next")]),
        (r'</a>; title="a \" b, c"; rel="next"', [("/a", "next")]),
        ('</a>; rel="next last"', [("/a", "next"), ("/a", "last")]),
        ('</a>; rel="next"; rel="prev"', [("/a", "next")]),
        ("</a>;;; rel=next;", [("/a", "next")]),
        ("< /a >; rel=next", [("/a", "next")]),
        ("<>; rel=self", [("", "self")]),
        (", ,</a>; rel=next,,", [("/a", "next")]),
        ("</a>, </b>; rel=next", [("/b", "next")]),
        ("</a>; rel", []),
        ("</a>; rel=", []),
        ("</a>; crossorigin; rel=next", [("/a", "next")]),
        (
            "</a>; rel=next garbage, </b>; rel=last",
            [("/a", "next"), ("/b", "last")],
        ),
        ('</a>; rel="next', [("/a", "next")]),
        ("garbage", []),
        ("</a", []),
        ("https://h/a; rel=next", []),
        (
            '<https://api.github.com/x?page=2>; rel="next", '
            '<https://api.github.com/x?page=9>; rel="last"',
            [
                ("https://api.github.com/x?page=2", "next"),
                ("https://api.github.com/x?page=9", "last"),
            ],
        ),
    ],
)
def test_links_are_read_as_the_rfc_says(value, links):
    assert told(value) == links


def test_the_parameters_of_a_link():
    header = '</a>; rel=next; Title="x, \\"y\\""; title=second; hreflang=de'
    (link,) = parse_link_header(header)
    assert link == Link("/a", "next", link.params)
    assert link.params == {"rel": "next", "title": 'x, "y"', "hreflang": "de"}


token = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
anything = st.text(
    st.characters(min_codepoint=32, max_codepoint=126), max_size=20
)


@given(
    st.lists(
        st.tuples(
            st.text("abc/?=&,;%.~", max_size=20),
            token,
            st.dictionaries(token.filter(lambda n: n != "rel"), anything),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_again(links):
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    header = ", ".join(
        f"<{url}>; rel={rel}"
        + "".join(f"; {name}={quoted(value)}" for name, value in params.items())
        for url, rel, params in links
    )
    assert [
        (
            link.url,
            link.rel,
            {k: v for k, v in link.params.items() if k != "rel"},
        )
        for link in parse_link_header(header)
    ] == links


@given(st.lists(st.tuples(st.text("abc/?=&.", min_size=1), token), max_size=4))
def test_simple_headers_are_read_as_requests_reads_them(links):
    header = ", ".join(f'<{url}>; rel="{rel}"' for url, rel in links)
    assert (
        told(header)
        == [(link["url"], link["rel"]) for link in parse_header_links(header)]
        or not header
    )


@given(st.text('<>;,=" \\abrel', max_size=60))
def test_no_header_is_an_error(text):
    for link in parse_link_header(text):
        assert link.rel


@pytest.mark.parametrize(
    "text",
    ["<", "</a>;", '</a>; a="', '</a>; a="\\', "</a>,", ";", " ", '</a>; a=b"'],
)
def test_reading_takes_linear_time(text):
    start = time.monotonic()
    parse_link_header("</a>; rel=next" + text * 50_000)
    parse_link_header(text * 50_000)
    assert time.monotonic() - start < 2


# Endpoints


@pytest.mark.parametrize(
    ("base", "endpoint", "url"),
    [
        ("http://h", "users", "http://h/users"),
        ("http://h", "/users", "http://h/users"),
        ("http://h/", "/users", "http://h/users"),
        ("http://h/api/v1", "users", "http://h/api/v1/users"),
        ("http://h/api/v1", "/users", "http://h/api/v1/users"),
        ("http://h/api/v1/", "users", "http://h/api/v1/users"),
        ("http://h/api/v1/", "/users", "http://h/api/v1/users"),
        ("http://h/api/v1", "/users/", "http://h/api/v1/users/"),
        ("http://h/api/v1", "users//7", "http://h/api/v1/users//7"),
        ("http://h/api/v1", "users?a=1&b=", "http://h/api/v1/users?a=1&b="),
        ("http://h/api/v1", "a%2Fb/c%20d", "http://h/api/v1/a%2Fb/c%20d"),
        ("http://h/api/v1", "", "http://h/api/v1"),
        ("http://h/api/v1/", "", "http://h/api/v1/"),
        ("http://h/api/v1/", "/", "http://h/api/v1/"),
        ("http://h/api/v1", "?page=2", "http://h/api/v1?page=2"),
        ("http://h/api", "http://h/other?x", "http://h/other?x"),
        ("http://h/api", "HTTP://H:80/other", "HTTP://H:80/other"),
        ("http://h/api", "//h/other", "http://h/other"),
        ("http://h/api", "a:b", "http://h/api/a:b"),
        ("http://h/api", "users/a:b", "http://h/api/users/a:b"),
        ("http://h/api", ".well-known/x", "http://h/api/.well-known/x"),
        ("http://h/api", "a..b/...", "http://h/api/a..b/..."),
        ("http://h/api", ("users", 7), "http://h/api/users/7"),
        (
            "http://h/api",
            ("users", "a/b?c#d%"),
            "http://h/api/users/a%2Fb%3Fc%23d%25",
        ),
        ("http://h/api", "http://h/api/../x", "http://h/x"),
        ("http://h/api", "javascript:x", "http://h/api/javascript:x"),
        ("http://[::1]:8000/api", "users", "http://[::1]:8000/api/users"),
        (urls.parse("http://h/api"), "users", "http://h/api/users"),
    ],
)
def test_an_endpoint_is_joined_to_its_base(base, endpoint, url):
    assert Base(base).url(endpoint) == url


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://other/users",
        "https://h/users",
        "http://h:8080/users",
        "http://h@other/users",
        "//other/users",
        "\\\\other\\users",
        "ftp://h/users",
        "..",
        "../admin",
        "users/../../admin",
        "users/./7",
        "%2e%2e/admin",
        "users/%2E./admin",
        "users/..%2f..%2fadmin",
        "users/..%5cadmin",
        "users/..;x=1/admin",
        "http://h/api/%2e%2e/admin",
        "users#top",
        "users/a b",
        "users/a\nb",
        "users/a\r\nX-Evil: 1",
        ("users", ".."),
        ("users", "a/../../admin"),
    ],
)
def test_an_endpoint_that_leads_elsewhere_is_refused(endpoint):
    with pytest.raises(InvalidURL):
        Base("http://h/api").url(endpoint)


@pytest.mark.parametrize("endpoint", [None, 7, b"users", ["users"]])
def test_an_endpoint_is_a_text_or_a_tuple(endpoint):
    with pytest.raises(TypeError, match="an endpoint is"):
        Base("http://h/api").url(endpoint)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h/api",
        "localhost:8000",
        "ftp://h/",
        "http://",
        "http://h/api?key=hunter2",
        "http://h/api?",
        "http://h/api#x",
        "http://ann:hunter2@h/api",
        "http://h/a b",
    ],
)
def test_a_base_that_is_no_place_is_refused(text):
    with pytest.raises(InvalidURL) as caught:
        Base(text)
    assert "hunter2" not in str(caught.value)


def test_parameters_are_added_and_the_rest_stays():
    base = Base("http://h/api")
    params = {"q": "a b&c", "tag": ["x", "y"], "none": None}
    assert base.url("u", params) == "http://h/api/u?q=a+b%26c&tag=x&tag=y"
    assert base.url("u?a=%20", {"b": 1}) == "http://h/api/u?a=%20&b=1"
    assert base.url("u", [("a", 1), ("a", 2)]) == "http://h/api/u?a=1&a=2"
    # Behind the fragment of a server's link they would not be sent.
    assert base.url("http://h/u#top", {"a": 1}) == "http://h/u?a=1"
    assert base.url("u?x", {}) == "http://h/api/u?x"


def test_a_parameter_is_replaced_under_any_spelling():
    url = "http://h/?p%61ge=1&a=&page=2&b=x+y"
    assert param(url, "page") == "2"
    assert param(url, "b") == "x y"
    assert param(url, "c") is None
    replaced = with_params(url, {"page": 3}, replace=True)
    assert replaced == "http://h/?a=&b=x+y&page=3"


# Keys


def test_a_key_can_be_seen_nowhere():
    key = Key("hunter2")
    auth = KeyAuth(key, "http://h", "X-Key")
    for thing in (key, auth):
        assert "hunter2" not in repr(thing) + str(thing) + f"{thing}"
    assert "hunter2" not in repr(vars(auth))
    with pytest.raises(TypeError):
        vars(key)
    for thing in (key, auth):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)
        with pytest.raises(TypeError, match="not pickled"):
            copy.deepcopy(thing)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://h/a", True),
        ("http://H:80/a", True),
        ("https://h/a", False),
        ("http://h:8080/a", False),
        ("http://other/a", False),
    ],
)
def test_a_key_goes_to_its_own_origin_only(url, sent):
    auth = KeyAuth(Key("hunter2"), "http://h", "Authorization")
    request = Request("GET", url, auth=auth).prepare()
    value = request.headers.get("Authorization")
    assert value == ("Bearer hunter2" if sent else None)


def test_in_another_header_the_key_stands_alone():
    auth = KeyAuth(Key("hunter2"), "http://h", "X-API-Key")
    request = Request("GET", "http://h/", auth=auth).prepare()
    assert request.headers["X-API-Key"] == "hunter2"
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("value", ["", "hunter2\n", "hunter2\r\nX: 1", "hüter"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(value):
    with pytest.raises(ValueError, match="not shown") as caught:
        Key(value)
    trace = caught.tb
    while trace.tb_next:
        trace = trace.tb_next
    assert "value" not in trace.tb_frame.f_locals
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "A_URL and A_KEY are not set"),
        ({"A_URL": "http://h"}, "A_KEY is not set"),
        ({"A_KEY": "hunter2"}, "A_URL is not set"),
        ({"A_URL": "http://h", "A_KEY": "  "}, "A_KEY is not set"),
    ],
)
def test_what_is_missing_in_the_environment_is_named(monkeypatch, given, named):
    for name in ("A_URL", "A_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(MissingVariable, match=named) as caught:
        from_environment("A")
    assert isinstance(caught.value, LookupError)
    assert "hunter2" not in str(caught.value)


# Paging


def walk(server, by, max_pages=50, url="http://h/users", params=None):
    """The items that a pure server, a function of a URL, hands out."""
    pager = Pager(way(by), Base("http://h/"), max_pages=max_pages)
    url = pager.first(with_params(url, params))
    items = []
    while url is not None:
        headers, data = server(url)
        found = data["items"] if isinstance(data, dict) else data
        page = Page(url, url, headers, data, found)
        pager.check(page)
        items += found
        url = pager.after(page)
    return items


@given(
    items=st.lists(st.integers(), max_size=30, unique=True),
    size=st.integers(1, 10),
    by=st.sampled_from(["page", "link", "next", "cursor"]),
)
def test_all_ways_lead_to_all_items(items, size, by):
    parts = [items[at : at + size] for at in range(0, len(items), size)]

    def server(url):
        number = int(param(url, "page") or param(url, "cursor") or 1)
        part = parts[number - 1] if number <= len(parts) else []
        more = number + 1 if number < len(parts) else None
        if by == "page":
            return {}, part
        if by == "link":
            link = f'</users?page={more}>; rel="next"' if more else ""
            return {"Link": link}, part
        if by == "next":
            return {}, {"items": part, "next": more and f"?page={more}"}
        return {}, {"items": part, "cursor": more and str(more)}

    assert walk(server, "link" if by == "next" else by) == items


def test_other_parameters_are_kept_from_page_to_page():
    asked = []

    def server(url):
        asked.append(url)
        return {}, [len(asked)] if len(asked) < 3 else []

    walk(server, ByPage("p", start=0), url="http://h/?q=a%20b&x=")
    assert asked == [f"http://h/?q=a%20b&x=&p={n}" for n in range(3)]


def test_paging_may_begin_in_the_middle():
    def server(url):
        number = int(param(url, "page"))
        return {}, [number] if number < 6 else []

    assert walk(server, "page", params={"page": 4}) == [4, 5]
    with pytest.raises(ValueError, match="no page number"):
        walk(server, "page", params={"page": "four"})


@pytest.mark.parametrize(
    ("by", "server"),
    [
        ("page", lambda url: ({}, [1, 2])),
        ("page", lambda url: ({}, [[1], [2]][int(param(url, "page")) % 2])),
        ("link", lambda url: ({"Link": "<?a>; rel=next"}, [url])),
        ("link", lambda url: ({"Link": "<>; rel=next"}, [url])),
        ("link", lambda url: ({}, {"items": [], "next": url})),
        ("cursor", lambda url: ({}, {"items": [url], "cursor": "same"})),
        ("cursor", lambda url: ({}, {"items": [], "cursor": 7})),
    ],
)
def test_pages_that_come_again_are_noticed(by, server):
    with pytest.raises(ValueError, match=r"before|already"):
        walk(server, by)


def test_new_pages_for_ever_end_at_the_limit():
    count = itertools.count()
    server = {
        "cursor": lambda url: ({}, {"items": [], "cursor": next(count)}),
        "page": lambda url: ({}, [next(count)]),
    }
    for by, answer in server.items():
        with pytest.raises(LimitExceeded, match="5 pages"):
            walk(answer, by, max_pages=5)
    assert next(count) == 10  # five pages each were asked for, and no more


def test_a_list_may_have_as_many_pages_as_the_limit_says():
    def server(url):
        number = int(param(url, "p") or 1)
        link = f"<?p={number + 1}>; rel=next" if number < 5 else ""
        return {"Link": link}, [number]

    assert walk(server, "link", max_pages=5) == [1, 2, 3, 4, 5]
    with pytest.raises(LimitExceeded, match="4 pages"):
        walk(server, "link", max_pages=4)


@pytest.mark.parametrize(
    "link", ["http://other/", "https://h/", "//other/users", "http://h:81/"]
)
def test_a_next_page_of_another_origin_is_refused(link):
    with pytest.raises(InvalidURL, match="must not go elsewhere"):
        walk(lambda url: ({"Link": f"<{link}>; rel=next"}, [1]), "link")


def test_a_link_of_something_else_is_not_the_next_page():
    header = '<?p=2>; rel=next; anchor="#foo", <?p=9>; rel=last'
    assert walk(lambda url: ({"Link": header}, [1]), "link") == [1]


def test_links_are_relative_to_where_the_answer_came_from():
    pager = Pager(ByLink(), Base("http://h/"), max_pages=9)
    url = pager.first("http://h/users")
    page = Page(
        url, "http://h/v2/users", {"Link": "<more?p=2>; rel=next"}, [], []
    )
    assert pager.after(page) == "http://h/v2/more?p=2"


@pytest.mark.parametrize("mark", [None, "", False])
def test_a_cursor_that_is_no_cursor_is_the_end(mark):
    data = {"items": [1], "cursor": mark}
    assert walk(lambda url: ({}, data), "cursor") == [1]


def test_a_cursor_of_zero_is_one():
    answers = iter([{"items": [1], "cursor": 0}, {"items": [2]}])
    assert walk(lambda url: ({}, next(answers)), "cursor") == [1, 2]


def test_ways_have_names():
    assert way("page") == ByPage()
    assert way("link") == ByLink()
    assert way(by := ByCursor(field="next_cursor")) is by
    with pytest.raises(ValueError, match="'page', 'link' or 'cursor'"):
        way("pages")
    with pytest.raises(ValueError, match="max_pages"):
        Pager(ByPage(), Base("http://h/"), max_pages=0)


def test_a_page_that_is_nested_too_deeply_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deeply"):
        _digest(deep)
