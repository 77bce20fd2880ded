"""Put it together from `itertools`."""

from itertools import chain, count, takewhile


def all_items(fetch):
    pages = takewhile(len, map(fetch, count(1)))
    return list(chain.from_iterable(pages))
