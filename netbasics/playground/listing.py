"""Hand out a long list in pieces: by page, by Link header and by cursor.

GET /users?page=2&limit=2   [3, 4]         Link: </users?page=3...>; rel="next"
GET /users?cursor=          {"items": [1, 2, ...], "cursor": "20" or null}
"""

from typing import Any
from urllib.parse import parse_qsl

from netbasics.playground.refusals import Refused, not_valid
from netbasics.playground.rules import QUERY
from netbasics.playground.store import Store

__all__ = ["check_query", "list_users"]


def check_query(query: str) -> None:
    """Refuse a query that can be read in two ways.

    With `?page=1&page=2`, Flask takes the first and FastAPI the last; a check
    in front of one of them may have looked at the other.

    Args:
        query: The part after the `?`, not decoded.

    Raises:
        Refused: 400 if it is not ASCII or, decoded, not UTF-8; 422 if a
            parameter comes twice or excludes another one.
    """
    if not query.isascii():
        # As bytes they may be anything: curl sends what the keyboard gave it.
        raise Refused(400, "the query has letters that must be percent-encoded")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise Refused(400, "the query is not UTF-8") from None
    names = [name for name, _ in pairs]
    for name in QUERY:
        if names.count(name) > 1:
            raise not_valid("query", {name: "comes more than once"})
    if "page" in names and "cursor" in names:
        raise not_valid("query", {"cursor": "cannot be combined with page"})


def list_users(
    store: Store, page: int | None, limit: int, cursor: int | None
) -> tuple[Any, dict[str, str]]:
    """Return the JSON of one piece of the list, and its headers.

    Args:
        store: Where the users are.
        page: Which page, from 1; None for the first.
        limit: How many users make a piece.
        cursor: The id after which to go on, or None for pages.
    """
    if cursor is None:
        number = page or 1
        links = page_links(number, limit, store.count())
        return store.page(number, limit), link_header(links)
    # One more than wanted tells whether there is more, without counting all.
    users = store.after(cursor, limit + 1)
    more = len(users) > limit
    users = users[:limit]
    last = str(users[-1]["id"]) if more else None
    links = {"next": f"cursor={last}&limit={limit}"} if more else {}
    return {"items": users, "cursor": last}, link_header(links)


def page_links(number: int, limit: int, total: int) -> dict[str, str]:
    """Return the queries of the pages around this one, by their relation."""
    last = max(1, -(-total // limit))  # rounded up
    pages = {}
    if number < last:
        pages["next"] = number + 1
    if number > 1:
        pages["prev"] = min(number - 1, last)
    if pages:  # one page needs no links
        pages |= {"first": 1, "last": last}
    return {rel: f"page={n}&limit={limit}" for rel, n in pages.items()}


def link_header(links: dict[str, str]) -> dict[str, str]:
    """Return the header of RFC 8288 for these queries.

    The targets are relative: an absolute URL would be built from the Host
    header, which is whatever the client wrote there.

    >>> link_header({"next": "page=2&limit=2"})
    {'Link': '</users?page=2&limit=2>; rel="next"'}
    """
    if not links:
        return {}
    parts = [f'</users?{query}>; rel="{rel}"' for rel, query in links.items()]
    return {"Link": ", ".join(parts)}
