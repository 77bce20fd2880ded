"""5.1 From page to page."""

from collections.abc import Callable, Iterator
from typing import Any

from netbasics.practice import Response


def paginate(fetch: Callable[[str], Response], first: str) -> Iterator[Any]:
    """Yield the items of a list whose pages say where the next one is.

    The body of each page is JSON, in one of two shapes:

    - A list: these are the items. The next page is in a `Link` header
      (RFC 8288), as the link whose `rel` is `next`:
      `Link: </items?page=2>; rel="next", </items?page=9>; rel="last"`.
      There may be no such header, or several; each has one link or several,
      in any order, with commas between them. The target between `<` and `>`
      may have commas in it, too. `rel` may be without quotes, and in quotes
      it may hold several words: `rel="next last"`. Without a next link it was
      the last page.
    - An object: `items` is the list of items. The next page is in `next` or
      in `cursor`; both are texts. `next` is its URL. `cursor` replaces the
      parameter `cursor` of `first`, or is added to it; all other parameters
      stay, also repeated and blank ones. `next` wins where both are there.
      A field that is missing, null or empty names no page; when both do not,
      it was the last page.

    A URL may be relative: to the URL of the page that names it. A page
    without items is not the end if it names a next one.

    Args:
        fetch: Called with an absolute URL, it returns the page's Response:
            status, headers as pairs (names in any case), body as bytes.
        first: The absolute URL of the first page.

    Yields:
        One item after the other. It is lazy: a page is fetched only when an
        item is asked for and those before it have all been taken.

    Raises:
        ValueError: The status of a page is not 2xx. Or a page names one that
            was fetched before, whichever it was: the list would never end. Or
            it names one of another origin, that is of another scheme, host or
            port than `first`. (`http://api.example` and
            `http://API.example:80` are the same origin.) The items of the
            page that names it are yielded before that, and the page that is
            refused is not fetched.
    """
    raise NotImplementedError("not written yet")
