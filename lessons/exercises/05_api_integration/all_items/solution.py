"""Ask until a page is empty, and keep what came."""

from collections.abc import Callable
from typing import Any


def all_items(fetch: Callable[[int], list[Any]]) -> list[Any]:
    items: list[Any] = []
    page = 1
    while found := fetch(page):
        items.extend(found)
        page += 1
    return items
