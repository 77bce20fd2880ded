"""Checks page_url."""

import json
import re

import pytest
from page_url import page_url

from netbasics import lab, sockets

PLAIN = re.compile(r"[!-~]*")  # what may stand in the first line of a request
GLUED = (
    "A second `?` begins no second query: it is a letter of the first one. "
    "Take the URL apart (`urllib.parse.urlsplit`), change its query, and put "
    "it together again."
)


def read(check, url, peer):
    """Send a request for the URL; return what the server read, the query."""
    check.that(
        isinstance(url, str) and url.startswith(f"{peer.url}/"),
        f"that the URL begins with {peer.url}/",
        f"it returned {url!r:.200}",
    )
    target = url.removeprefix(peer.url).partition("#")[0]
    check.that(
        PLAIN.fullmatch(target),
        "a URL without blanks and of ASCII letters only, the rest escaped",
        f"it returned {url!r:.200}",
    )
    request = f"GET {target} HTTP/1.1\r\nHost: {peer.host}\r\n\r\n"
    data = sockets.ask(peer.address, request.encode())
    return json.loads(data.partition(b"\r\n\r\n")[2])


def gives(check, peer, query, others, *, path="/items", page=2):
    """Check what a server reads from the URL that the function makes."""
    url = check.call(page_url, f"{peer.url}{path}{query}", page)
    reading = read(check, url, peer)
    target = url.removeprefix(peer.url)
    check.equal(re.split(r"[?#]", target)[0], path, "the path")
    pairs = [(name, value) for name, value in reading["query"]]
    check.outcome.value = pairs  # the mistakes below look at this
    numbers = [value for name, value in pairs if name == "page"]
    check.equal(numbers, [str(page)], "each `page` that the server reads")
    rest = [pair for pair in pairs if pair[0] != "page"]
    # The order of different names is free: sort by name, and only by that.
    rest, others = (sorted(p, key=lambda pair: pair[0]) for p in (rest, others))
    check.equal(rest, others, "the other parameters that the server reads")
    fragment = query.partition("#")[2]
    check.equal(url.partition("#")[2], fragment, "the fragment")


@pytest.mark.parametrize("path", ["/items", "/a%2Fb/c/"])
def test_no_query_yet(check, path):
    """The URL has no query. A server says what it reads from the new one."""
    peer = check.peer(lab.echoes())
    gives(check, peer, "", [], path=path, page=10)


def test_other_parameters_stay(check):
    """The URL has a query without a page. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(GLUED, lambda it: any("?" in v for _, v in it.value))
    check.mistake(
        "Lists became texts like `['new']`. `urlencode` needs `doseq=True` to "
        "write a list as repeated names.",
        lambda it: any("[" in value for _, value in it.value),
    )
    others = [("tag", "new"), ("sort", "price")]
    gives(check, peer, "?tag=new&sort=price", others)


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ("?page=1", []),
        ("?tag=new&page=17&size=4", [("tag", "new"), ("size", "4")]),
    ],
)
def test_an_old_page_is_replaced(check, query, others):
    """The URL has a page already. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "The old page is still there. A server gets two of them, and some "
        "take the first, some the last.",
        lambda it: [n for n, _ in it.value].count("page") > 1,
    )
    gives(check, peer, query, others)


def test_a_repeated_parameter_stays(check):
    """A name is there twice, with two values. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "One of two equal names is lost. A dict has each name once; "
        "`parse_qsl` gives a list of pairs, which loses none.",
        lambda it: [n for n, _ in it.value].count("tag") < 2,
    )
    others = [("tag", "new"), ("size", "4"), ("tag", "used")]
    gives(check, peer, "?tag=new&size=4&tag=used", others)


def test_a_blank_parameter_stays(check):
    """A parameter has a blank value. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "The blank parameter is lost, and a blank can mean something: a "
        "field that was emptied. `parse_qs` and `parse_qsl` drop blanks "
        "unless they get `keep_blank_values=True`.",
        lambda it: "q" not in [name for name, _ in it.value],
    )
    gives(check, peer, "?q=&tag=new", [("q", ""), ("tag", "new")])


@pytest.mark.parametrize("name", ["pages", "homepage", "page_size", "Page"])
def test_similar_names_are_others(check, name):
    """A parameter's name only resembles `page`. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "Another parameter was taken for `page`, since its name has these "
        "letters too. Compare whole names.",
        lambda it: (name, "50") not in it.value,
    )
    gives(check, peer, f"?{name}=50&tag=new", [(name, "50"), ("tag", "new")])


def test_two_old_pages_are_replaced_by_one(check):
    """The URL has two pages already. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "There are two pages, as before. However many there were, the new URL "
        "has one.",
        lambda it: [n for n, _ in it.value].count("page") > 1,
    )
    gives(check, peer, "?page=1&tag=new&page=", [("tag", "new")])


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("?q=R%26D", "R&D"),
        ("?q=a+b", "a b"),
        ("?q=a%2Bb", "a+b"),
        ("?q=caf%C3%A9%20%23", "café #"),
        ("?q=%2526", "%26"),
        ("?q=x%26page%3D9", "x&page=9"),
        ("?q=a=b", "a=b"),
    ],
)
def test_escapes_keep_their_meaning(check, query, value):
    """A value has escapes in it. A server says what it reads."""
    peer = check.peer(lab.echoes())
    check.mistake(
        "A value was decoded and not encoded again, so that a sign in it "
        "became a sign of the URL. `urlencode` encodes.",
        lambda it: ("q", value) not in it.value,
    )
    gives(check, peer, query, [("q", value)])


@pytest.mark.parametrize("query", ["", "?tag=new", "?page=7&tag=new"])
def test_a_fragment_stays_last(check, query):
    """The URL has a fragment. A server gets all that stands before it."""
    peer = check.peer(lab.echoes())
    base = f"{peer.url}/items{query}#row?page=7"
    url = check.call(page_url, base, 2)
    check.mistake(
        "The page went into the fragment, which clients keep to themselves: "
        "no server will ever see it. The query ends where `#` begins.",
        lambda it: (
            "#row?page=7" in it.value and not it.value.endswith("#row?page=7")
        ),
    )
    check.mistake(
        "The fragment is lost. `urlunsplit` puts all five parts together.",
        lambda it: "#" not in it.value,
    )
    check.that(
        isinstance(url, str) and url.endswith("#row?page=7"),
        "that it ends with '#row?page=7', as before",
        f"it returned {url!r:.200}",
    )
    others = [("tag", "new")] if "tag" in query else []
    gives(check, peer, f"{query}#row?page=7", others)
