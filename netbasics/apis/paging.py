"""Three ways in which APIs hand out long lists, and when to stop. No I/O.

Each way is a small object that is asked two things: with which URL to begin,
and which one comes after a page. Whoever waits for the pages, it is the same.

The loop `while page: ...` trusts the server to come to an end. One that ignores
an unknown `page=`, or whose cursor stands still, keeps the loop going for ever.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from netbasics.apis.endpoints import Base, param, with_params
from netbasics.apis.links import parse_link_header
from netbasics.errors import LimitExceeded

__all__ = ["ByCursor", "ByLink", "ByPage", "Page", "Pager", "Way", "way"]


@dataclass(frozen=True, slots=True)
class Page:
    """What came for one URL.

    Args:
        url: The URL that was asked for.
        answered: The URL that answered; a redirect makes it another one.
        headers: The response's headers; names in any case.
        data: Its JSON.
        items: The list in it.
    """

    url: str
    answered: str
    headers: Mapping[str, str]
    data: Any
    items: list[Any]


class Way(Protocol):
    """One way of paging."""

    def first(self, url: str) -> str:
        """Return the URL to begin with."""

    def after(self, page: Page) -> str | None:
        """Return the URL of the next page, perhaps a relative one, or None."""


@dataclass(frozen=True, slots=True)
class ByPage:
    """Page numbers in a parameter, until a page is empty.

    A short page is not the last one: the server may have left something out.

    Args:
        param: The parameter's name.
        start: The number of the first page, unless the URL says one.

    Rows that are added or removed meanwhile move the others: some come twice,
    some not at all. A cursor does not have that fault.
    """

    param: str = "page"
    start: int = 1

    def first(self, url: str) -> str:
        """Return the URL with the number of the first page."""
        number = param(url, self.param)
        if number is None:
            return with_params(url, {self.param: self.start})
        if not re.fullmatch("[0-9]{1,9}", number):
            raise ValueError(
                f"{self.param}={number[:40]!r} is no page number: leave it "
                "out to begin with the first page"
            )
        return url

    def after(self, page: Page) -> str | None:
        """Return the URL with the next number, unless the page was empty."""
        if not page.items:
            return None
        number = int(param(page.url, self.param) or 0)
        return with_params(page.url, {self.param: number + 1}, replace=True)


@dataclass(frozen=True, slots=True)
class ByLink:
    """The URL of the next page: in a Link header, or in a field of the JSON.

    Args:
        field: The field's name; it counts where no header has `rel="next"`.
    """

    field: str = "next"

    def first(self, url: str) -> str:
        """Return the URL itself."""
        return url

    def after(self, page: Page) -> str | None:
        """Return the next link, or None."""
        for link in parse_link_header(page.headers.get("Link")):
            # With an anchor it is the link of something else.
            if link.rel == "next" and "anchor" not in link.params:
                return link.url
        found = page.data.get(self.field) if isinstance(page.data, dict) else 0
        return found if found and isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class ByCursor:
    """A mark in the JSON that says where to go on; it goes into a parameter.

    Args:
        param: The parameter's name.
        field: The name of the field that has the mark; null, an empty text or
            no field at all is the end.
    """

    param: str = "cursor"
    field: str = "cursor"

    def first(self, url: str) -> str:
        """Return the URL, with an empty mark if it has none."""
        if param(url, self.param) is not None:
            return url
        return with_params(url, {self.param: ""})

    def after(self, page: Page) -> str | None:
        """Return the URL with the mark of this page, or None."""
        data = page.data if isinstance(page.data, dict) else {}
        mark = data.get(self.field)
        if mark is None or mark is False or mark == "":
            return None
        return with_params(page.url, {self.param: mark}, replace=True)


def way(by: str | Way) -> Way:
    """Return the way that is meant by "page", "link" or "cursor".

    >>> way("cursor")
    ByCursor(param='cursor', field='cursor')
    """
    ways: dict[str, type[ByPage | ByLink | ByCursor]] = {
        "page": ByPage,
        "link": ByLink,
        "cursor": ByCursor,
    }
    if not isinstance(by, str):
        return by
    if by not in ways:
        raise ValueError(
            f"by={by!r} is no way of paging: 'page', 'link' or 'cursor', or "
            "an object such as ByPage(param='p', start=0)"
        )
    return ways[by]()


class Pager:
    """Leads from page to page, and notices when they come again.

    Args:
        by: The way.
        base: Where links may lead.
        max_pages: How many pages at most.

    Example:
        >>> pager = Pager(ByPage(), Base("http://h/"), max_pages=10)
        >>> url = pager.first("http://h/users")
        >>> pager.after(Page(url, url, {}, [7], [7]))
        'http://h/users?page=2'
    """

    def __init__(self, by: Way, base: Base, *, max_pages: int) -> None:
        if max_pages < 1:
            raise ValueError(f"max_pages={max_pages!r}: give 1 or more")
        self._by = by
        self._base = base
        self._max_pages = max_pages
        self._urls: set[str] = set()
        self._contents: set[bytes] = set()

    def first(self, url: str) -> str:
        """Return the URL of the first page."""
        return self._visit(self._by.first(url))

    def check(self, page: Page) -> None:
        """Refuse a page that was there before, although its URL is another.

        Raises:
            ValueError: Its items came before.
        """
        if page.items:
            content = _digest(page.items)
            if content in self._contents:
                raise ValueError(
                    f"the same {len(page.items)} items came before: does the "
                    f"server know this way of paging ({self._by})?"
                )
            self._contents.add(content)

    def after(self, page: Page) -> str | None:
        """Return the URL of the page after this one, or None at the end.

        Raises:
            ValueError: It was visited before, or is of another origin.
            LimitExceeded: There are more pages than `max_pages`.
        """
        link = self._by.after(page)
        if link is None:
            return None
        if len(self._urls) >= self._max_pages:
            raise LimitExceeded("the list", limit=self._max_pages, unit="pages")
        return self._visit(self._base.follow(page.answered, link))

    def _visit(self, url: str) -> str:
        if url in self._urls:
            raise ValueError(
                "the next page is one that was there already: the list would "
                "never end"
            )
        self._urls.add(url)
        return url


def _digest(items: list[Any]) -> bytes:
    """Return a short stand-in for a page, so that no page need be kept."""
    try:
        text = json.dumps(items, sort_keys=True)
    except RecursionError:
        raise ValueError("the page is nested too deeply to be read") from None
    return hashlib.sha256(text.encode()).digest()
