"""Checks all_items."""

import json

from all_items import all_items

from netbasics import lab, sockets

MOST = 12  # requests, before somebody must say stop


class Fetch:
    """Asks a site of the lab for its pages, and counts.

    Page 0 is page 1, as with many servers; the pages after the last are empty.
    """

    def __init__(self, check, *pages, lost=None):
        self.lost = lost
        self.notes = check.notes
        self.calls = []
        self.site = check.peer(lab.origin())
        for number in range(MOST + 1):
            place = max(number - 1, 0)
            items = pages[place] if place < len(pages) else []
            content = json.dumps(items).encode()
            self.site.put(f"/items?page={number}", content)

    def __repr__(self):
        return "fetch"

    def __call__(self, page):
        self.calls.append(page)
        asked = ", ".join(map(str, self.calls))
        self.notes[:] = [f"Pages that it asked for, in this order: {asked}."]
        if len(self.calls) > MOST:
            raise RuntimeError(f"more than {MOST} pages: there are no more")
        if page == self.lost:
            raise ConnectionResetError("the server has gone")
        request = f"GET /items?page={page} HTTP/1.1\r\nHost: api\r\n\r\n"
        raw = sockets.ask(self.site.address, request.encode())
        return json.loads(raw.partition(b"\r\n\r\n")[2])


def look(check, pages):
    """Check what comes of these pages, and which of them were asked for."""
    fetch = Fetch(check, *pages)
    name_mistakes(check, fetch, pages)
    got = check.call(all_items, fetch)
    check.equal(got, [item for page in pages for item in page], "the items")
    wanted = list(range(1, len(pages) + 2))
    check.equal(fetch.calls, wanted, "the pages that were asked for")


def name_mistakes(check, fetch, pages):
    check.mistake(
        "It began with page 0. Pages count from 1 here, and for this server "
        "page 0 is the first one, too: its items came twice.",
        lambda it: fetch.calls[0] == 0,
    )
    check.mistake(
        "Some page was fetched twice: once to look whether it is empty, and "
        "once for its items. Keep what came, and use it for both.",
        lambda it: len(set(fetch.calls)) < len(fetch.calls),
    )
    check.mistake(
        "It did not stop. An empty page is `[]`: it is not None, and it is no "
        "error. After it, nothing more is asked for.",
        lambda it: len(fetch.calls) > len(pages) + 1,
    )
    check.mistake(
        "What came back is a list of pages, each of them a list. Add the items "
        "of a page (`extend`), not the page itself (`append`).",
        lambda it: it.value == pages,
    )
    items = [item for page in pages for item in page]
    check.mistake(
        "The list still has the items of an earlier call. A default such as "
        "`items=[]` is made once, when the function is defined, and a global "
        "lives as long: make the list inside.",
        lambda it: (
            len(it.value) > len(items)
            and it.value[len(it.value) - len(items) :] == items
        ),
    )


def test_three_pages(check):
    """The API has three pages; the fourth is empty."""
    look(check, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])


def test_a_short_page(check):
    """The second of three pages is shorter than the others."""
    check.mistake(
        "A page that is shorter than the first was taken for the last. Servers "
        "leave out what you may not see: only an empty page is the end.",
        lambda it: it.value in ([1, 2, 3, 4], [1, 2, 3]),
    )
    look(check, [[1, 2, 3], [4], [5, 6, 7]])


def test_no_items(check):
    """The list is empty, and so is the first page."""
    look(check, [])


def test_items_that_look_like_nothing(check):
    """The items are 0, an empty text, null and false."""
    check.mistake(
        "It looked at the items and took them for nothing. Only a page without "
        "items is the end.",
        lambda it: len(it.value) < 4,
    )
    look(check, [[0, ""], [None], [False]])


def test_two_lists(check):
    """The function is called for one list, and then for another one."""
    check.call(all_items, Fetch(check, [1, 2]))
    look(check, [[3, 4]])


def test_an_error(check):
    """The third page cannot be fetched: the connection is lost."""
    fetch = Fetch(check, [1], [2], [3], lost=3)
    check.mistake(
        "The error was caught, and two pages were returned as if it were all. "
        "Whoever calls can no longer tell.",
        lambda it: isinstance(it.value, list),
    )
    check.raises(ConnectionResetError, all_items, fetch)
