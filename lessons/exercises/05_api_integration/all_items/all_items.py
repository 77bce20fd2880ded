"""5W All pages."""

from collections.abc import Callable
from typing import Any


def all_items(fetch: Callable[[int], list[Any]]) -> list[Any]:
    """Return the items of all pages of a list.

    An API hands out a long list in pages. Ask for one after the other, until
    a page is empty: that is the end. A page that is only shorter than the
    others is not.

    Args:
        fetch: Called with a page's number, it returns the items of that page.
            Pages count from 1. Each call is a request that somebody pays for:
            ask for no page twice, and for none after the empty one.

    Returns:
        The items of all pages, in their order, in one list: `[7, 8, 9]` if
        `fetch(1)` is `[7, 8]`, `fetch(2)` is `[9]` and `fetch(3)` is `[]`.

    Raises:
        Exception: What `fetch` raises is not caught: half of a list must not
            look like all of it.
    """
    raise NotImplementedError("not written yet")
