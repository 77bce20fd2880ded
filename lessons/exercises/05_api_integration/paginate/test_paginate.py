"""Checks paginate."""

import itertools
import json
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from paginate import paginate

from netbasics import http1, lab, sockets
from netbasics.practice import Response

MOST = 12  # pages, before somebody must say stop


class Tired(Exception):
    """So many pages were asked for that there must be a loop."""


class Fetch:
    """Asks the peers of a check for pages, and writes down their URLs."""

    def __init__(self, check, *sites):
        self.calls = []
        self.notes = check.notes
        self.sites = {site.port: site for site in sites}

    def __repr__(self):
        return "fetch"

    def __call__(self, url):
        self.calls.append(url)
        asked = ", ".join(self.calls[-4:])
        if len(self.calls) > 4:
            asked = "at last " + asked
        self.notes[:] = [f"Calls of fetch: {len(self.calls)}, with {asked}."]
        if len(self.calls) > MOST:
            raise Tired(f"these are more than {MOST} pages; there are not many")
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise OSError(f"fetch needs an absolute URL of http, not {url!r}")
        site = self.sites.get(parts.port)
        if parts.hostname != "127.0.0.1" or site is None:
            raise OSError(f"fetch was sent elsewhere: {url!r}")
        request = f"GET {target_of(url)} HTTP/1.1\r\nHost: {parts.netloc}"
        raw = sockets.ask(site.address, f"{request}\r\n\r\n".encode())
        answer = http1.parse_response(raw)
        return Response(answer.status, list(answer.headers), answer.body)


def target_of(url):
    """Return path and query, spelled in one way whatever the URL's way is."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted(pairs, key=lambda pair: pair[0]))
    return (parts.path or "/") + ("?" + query if query else "")


def put(site, path, data, *, link=None, **more):
    """Put a page there; `link` is the value of its Link header, or several."""
    links = [link] if isinstance(link, str) else link or []
    site.put(
        path,
        json.dumps(data, ensure_ascii=False).encode(),
        kind="application/json",
        headers=[("link", value) for value in links],
        **more,
    )


@pytest.fixture
def site(check):
    """A site without pages yet."""
    return check.peer(lab.origin())


@pytest.fixture
def fetch(check, site):
    """A fetch for it, and the mistakes that can show everywhere."""
    fetch = Fetch(check, site)
    check.mistake(
        "`fetch` got a relative URL. Join it to the URL of the page that named "
        "it, with `urllib.parse.urljoin`.",
        lambda it: "absolute URL" in str(it.error),
    )
    check.mistake(
        "It went on for ever: a page was fetched that had been fetched before. "
        "Remember the URLs, all of them.",
        lambda it: isinstance(it.error, Tired),
    )
    return fetch


def test_links(check, site, fetch):
    """Each page is a list; its Link header has the absolute URL of the next."""
    first = f"{site.url}/items"
    put(
        site,
        "/items",
        [1, "Zoë"],
        link=f'<{site.url}/items?page=2>; rel="next"',
    )
    put(site, "/items?page=2", [3], link=f'<{first}?page=3>; rel="next"')
    put(site, "/items?page=3", [4, 5])
    check.mistake(
        "It yields pages. Yield the items in them: `yield from`.",
        lambda it: isinstance(it.value[0], list),
    )
    check.mistake(
        "Only the first page came. The header's name may be written in any "
        "case: here it is `link`.",
        lambda it: it.value == [1, "Zoë"],
    )
    items = check.collect(paginate, fetch, first)
    check.equal(items, [1, "Zoë", 3, 4, 5], "the items")


def test_next(check, site, fetch):
    """Each page is an object; its `next` is a URL, often a relative one."""
    first = f"{site.url}/v1/items?size=2"
    put(site, "/v1/items?size=2", {"items": [1, 2], "next": "?page=2"})
    put(site, "/v1/items?page=2", {"items": [3], "next": "more/3"})
    put(site, "/v1/more/3", {"items": [4], "next": "4", "cursor": None})
    put(site, "/v1/more/4", {"items": [5], "next": f"{site.url}/end"})
    put(site, "/end", {"items": [6], "next": None})
    check.mistake(
        "The next page was refused, and its URL is only a relative one. Join "
        "it to that of the page that names it (`urllib.parse.urljoin`) before "
        "you look at its origin.",
        lambda it: isinstance(it.error, ValueError) and len(fetch.calls) == 1,
    )
    check.mistake(
        "A relative URL is relative to the page that names it, which is not "
        "always the first one.",
        lambda it: it.error and f"{site.url}/v1/4" in fetch.calls,
    )
    items = check.collect(paginate, fetch, first)
    check.equal(items, [1, 2, 3, 4, 5, 6], "the items")


def test_cursors(check, site, fetch):
    """Each page is an object with a `cursor`, and `first` has parameters."""
    first = f"{site.url}/items?tag=a&tag=b&q=&cursor=start"
    target = "/items?cursor={}&q=&tag=a&tag=b"
    put(site, target.format("start"), {"items": [1], "cursor": "m/n+o=&p"})
    middle = {"items": [2], "cursor": "50%", "next": ""}
    put(site, target.format("m%2Fn%2Bo%3D%26p"), middle)
    put(site, target.format("50%25"), {"items": [3], "cursor": ""})
    check.mistake(
        "The cursor was added, and the old one stayed: the parameter is there "
        "twice. Replace it.",
        lambda it: fetch.calls[1].count("cursor=") == 2,
    )
    check.mistake(
        "The cursor was put into the URL as it is. In a query `&`, `+`, `=` "
        "and `%` have a meaning: `urllib.parse.urlencode` escapes them.",
        lambda it: "n+o=" in fetch.calls[1],
    )
    check.mistake(
        "A blank parameter was lost: `parse_qs` and `parse_qsl` leave those "
        "out unless you say `keep_blank_values=True`.",
        lambda it: "q=" not in fetch.calls[1],
    )
    check.mistake(
        "A parameter that comes twice came back once: a dict has room for one. "
        "Keep a list of pairs.",
        lambda it: fetch.calls[1].count("tag=") == 1,
    )
    items = check.collect(paginate, fetch, first)
    check.equal(items, [1, 2, 3], "the items")


def test_next_and_cursor(check, site, fetch):
    """The pages have both, `next` and `cursor`; then only a cursor is left."""
    put(site, "/", {"items": [1], "next": "/right", "cursor": "wrong"})
    put(site, "/?cursor=wrong", {"items": ["wrong"]})
    put(site, "/right", {"items": [2], "next": None, "cursor": "c"})
    put(site, "/?cursor=c", {"items": [3]})
    check.mistake(
        "Where a page has both, `next` wins. Here `cursor` was taken.",
        lambda it: "wrong" in it.value,
    )
    check.mistake(
        "A `next` that is null names no page. But the cursor beside it does.",
        lambda it: it.value == [1, 2],
    )
    items = check.collect(paginate, fetch, f"{site.url}/")
    check.equal(items, [1, 2, 3], "the items")


def test_many_links(check, site, fetch):
    """The Link headers have several links, in any order, some with commas."""
    put(site, "/1", [1], link='</0>; rel="prev", </2,3>; rel=next')
    put(
        site,
        "/2,3",
        [2],
        link='</4>; title="next"; rel="next last", </1>; rel=first',
    )
    put(site, "/4", [3], link=['</5>; rel="next"', '</1>; rel="prev"'])
    put(site, "/5", [4], link='</1?after=next>; rel="prev"; title="rel=next"')
    check.mistake(
        "The header was cut at a comma inside a link's target. A comma divides "
        "links only outside of `<...>`.",
        lambda it: it.value == [1],
    )
    check.mistake(
        "`rel` may have several words: `next last` is a next page, too.",
        lambda it: it.value == [1, 2],
    )
    check.mistake(
        "There were two Link headers, and one was lost: a dict of headers has "
        "room for one of each name.",
        lambda it: it.value == [1, 2, 3],
    )
    check.mistake(
        "The last page has a link with the word `next` in its target and its "
        "title, but its `rel` is `prev`. Only `rel` counts.",
        lambda it: "after=next" in fetch.calls[-1],
    )
    items = check.collect(paginate, fetch, f"{site.url}/1")
    check.equal(items, [1, 2, 3, 4], "the items")


def test_an_empty_page(check, site, fetch):
    """The second page has no items, and names a third."""
    put(site, "/1", {"items": [1], "next": "/2"})
    put(site, "/2", {"items": [], "next": "/3"})
    put(site, "/3", {"items": [2], "next": None})
    check.mistake(
        "A page without items was taken for the end. Here the page says itself "
        "whether there is another one: filters leave empty pages behind.",
        lambda it: it.value == [1],
    )
    items = check.collect(paginate, fetch, f"{site.url}/1")
    check.equal(items, [1, 2], "the items")


def test_lazy(check, site, fetch):
    """There are three pages, and only three items are taken."""
    put(site, "/1", {"items": [1, 2], "next": "/2"})
    put(site, "/2", {"items": [3, 4], "next": "/3"})
    put(site, "/3", {"items": [5], "next": None})

    def three(fetch, first):
        pages = iter(paginate(fetch, first))
        asked.append(len(fetch.calls))
        yield from itertools.islice(pages, 2)
        asked.append(len(fetch.calls))
        yield next(pages)
        asked.append(len(fetch.calls))

    three.__name__ = "paginate"
    asked = []
    check.mistake(
        "All pages were fetched before the first item came out. Yield the "
        "items as they come: the caller may need no more than three.",
        lambda it: asked == [3, 3, 3],
    )
    check.mistake(
        "The first page was fetched before anybody had asked for an item.",
        lambda it: asked[0] > 0,
    )
    check.mistake(
        "A page was fetched before its items were needed: yield all the items "
        "that are there first.",
        lambda it: asked[1] == 2 or asked[2] == 3,
    )
    items = check.collect(three, fetch, f"{site.url}/1")
    check.equal(items, [1, 2, 3], "the items")
    check.equal(asked, [0, 1, 2], "pages fetched after 0, 2 and 3 items")


@pytest.mark.parametrize("status", [500, 404, 304])
def test_a_status(check, site, fetch, status):
    """The second page has another status than 2xx, and a body like others."""
    put(site, "/1", {"items": [1], "next": "/2"}, status=203)
    put(site, "/2", {"items": [2]}, status=status)
    check.mistake(
        f"The page with the status {status} was taken for a good one.",
        lambda it: 2 in it.value,
    )
    check.mistake(
        "The status 203 is 2xx, too: a success.",
        lambda it: it.value == [] and len(fetch.calls) == 1,
    )
    refused(check, fetch, f"{site.url}/1", [1], f"the status is {status}")


def refused(check, fetch, first, expected, why):
    """Check that these items are yielded, and then a ValueError is raised."""
    items, error = check.collected(paginate, fetch, first)
    wanted = f"that it yields {expected} and raises ValueError: {why}"
    got = f"it yielded {items}" + (
        f" and raised {type(error).__name__}: {error}" if error else ""
    )
    right = items == expected and isinstance(error, ValueError)
    check.that(right, wanted, got)


def test_a_cursor_that_repeats(check, site, fetch):
    """The second page names itself: its cursor is the one it was asked for."""
    put(site, "/items", {"items": [1], "cursor": "c"})
    put(site, "/items?cursor=c", {"items": [2], "cursor": "c"})
    look_for_ends(check, 2)
    first = f"{site.url}/items"
    refused(check, fetch, first, [1, 2], "the page was there")
    check.equal(len(fetch.calls), 2, "pages fetched")


def look_for_ends(check, count):
    """Name what can be wrong about the end; `count` items are good."""
    check.mistake(
        "It ended as if it had come to the last page. Nobody will know that "
        "the list goes on: raise ValueError.",
        lambda it: it.error is None,
    )
    check.mistake(
        "The page was refused before its items were yielded, or those of the "
        "page that names it. They are good: yield them, then raise.",
        lambda it: isinstance(it.error, ValueError) and len(it.value) < count,
    )


def test_a_circle(check, site, fetch):
    """The third page names the first one; a relative URL, a list."""
    put(site, "/?page=1", [1], link='<?page=2>; rel="next"')
    put(site, "/?page=2", [2], link='</?page=3>; rel="next"')
    put(site, "/?page=3", [3], link='</?page=1>; rel="next"')
    look_for_ends(check, 3)
    refused(check, fetch, f"{site.url}/?page=1", [1, 2, 3], "a circle")
    check.equal(len(fetch.calls), 3, "pages fetched")


def test_another_host(check, site):
    """A page names a URL of another server, which writes down who comes."""
    other = check.peer(lab.origin())
    put(other, "/2", {"items": ["from elsewhere"]})
    put(site, "/1", {"items": [1, 2], "next": f"{other.url}/2"})
    fetch = Fetch(check, site, other)
    check.mistake(
        "It went to another server, because a page said so. A client that "
        "sends a key with each request has just given it away.",
        lambda it: other.requests,
    )
    look_for_ends(check, 2)
    refused(check, fetch, f"{site.url}/1", [1, 2], "another origin")
    check.equal(len(other.requests), 0, "requests at the other server")


@pytest.mark.parametrize(
    "place",
    [
        "https://127.0.0.1:{port}/2",
        "//localhost:{port}/2",
        "http://127.0.0.1/2",
        "http://127.0.0.1:{port}@evil.example/2",
        "http://127.0.0.1.evil.example:{port}/2",
    ],
)
def test_another_origin(check, site, fetch, place):
    """A page names a URL of another origin, which may look much alike."""
    url = place.format(port=site.port)
    put(site, "/1", [1, 2], link=f'<{url}>; rel="next"')
    check.mistake(
        f"It asked for {url}. That is another origin, although it begins "
        "alike: compare the scheme, the host and the port, each for itself.",
        lambda it: len(fetch.calls) > 1,
    )
    check.mistake(
        "The items of the page that names it are good: yield them, then raise.",
        lambda it: it.value == [],
    )
    refused(check, fetch, f"{site.url}/1", [1, 2], f"{url} is another origin")
    check.equal(len(fetch.calls), 1, "pages fetched")


def test_the_same_origin(check):
    """A page names its own origin, written with its port and in capitals."""
    pages = {
        "/1": b'{"items": [1], "next": "http://api.example:80/2"}',
        "/2": b'{"items": [2], "next": "HTTP://API.Example/3"}',
        "/3": b'{"items": [3]}',
    }

    def fetch(url):
        return Response(200, [], pages[urlsplit(url).path])

    check.mistake(
        "`http://api.example`, `http://api.example:80` and "
        "`HTTP://API.Example` are the same origin: 80 is the port of http, and "
        "capitals do not count there.",
        lambda it: isinstance(it.error, ValueError),
    )
    items = check.collect(paginate, fetch, "http://api.example/1")
    check.equal(items, [1, 2, 3], "the items")
