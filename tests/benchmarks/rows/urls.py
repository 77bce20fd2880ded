"""URLs: taking apart, joining, encoding."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urljoin, urlsplit

from benchmarks.measuring import Contender, Figure, Row, Turn, timed
from netbasics import urls

MANY = 20_000


def _turns(work: Callable[[int], object], amount: int) -> Contender:
    @contextmanager
    def contender() -> Iterator[Turn]:
        yield timed(work, amount)

    return contender


def _distinct(count: int) -> list[str]:
    return [
        f"https://shop{n % 97}.example:8{n % 10}43/books/{n}?page={n}&by=a#top"
        for n in range(count)
    ]


def _split_and_check(texts: list[str]) -> None:
    """Take apart with the standard library, and check what a client needs."""
    for text in texts:
        if not text.isprintable() or " " in text or "\\" in text:
            raise ValueError(text)
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(text)
        port = parts.port
        if port is not None and not 0 < port < 65536:
            raise ValueError(text)
        if parts.username is not None:
            raise ValueError(text)


def _parse(texts: list[str]) -> None:
    for text in texts:
        urls.parse(text)


def rows() -> list[Row]:
    """Return the rows of this file."""
    texts = _distinct(MANY)
    base = "https://shop.example/api/v1/books/"
    references = [f"../authors/{n}?page={n}" for n in range(MANY)]
    pairs = [("search", "Zoë & co"), ("page", "7"), ("by", "name/asc")]

    def joined(join: Callable[[str, str], object]) -> Callable[[int], None]:
        def work(count: int) -> None:
            for reference in references[:count]:
                join(base, reference)

        return work

    def encoded(encode: Callable[..., object]) -> Callable[[int], None]:
        def work(count: int) -> None:
            for _ in range(count):
                encode(pairs)

        return work

    return [
        Row(
            "urls-parse",
            "take distinct URLs apart, and check them",
            "URLs",
            {
                "urlsplit + checks": _turns(
                    lambda n: _split_and_check(texts[:n]), MANY
                ),
                "netbasics": _turns(lambda n: _parse(texts[:n]), MANY),
            },
            [Figure("rate", 0.8, "at least")],
        ),
        Row(
            "urls-join",
            "join a base and a reference",
            "joins",
            {
                "urljoin": _turns(joined(urljoin), MANY),
                "netbasics": _turns(joined(urls.join), MANY),
            },
            [Figure("rate", 0.9, "at least")],
        ),
        Row(
            "urls-encode-query",
            "encode a query of three pairs",
            "queries",
            {
                "urlencode": _turns(encoded(urlencode), MANY),
                "netbasics": _turns(encoded(urls.encode_query), MANY),
            },
            [Figure("rate", 0.95, "at least")],
        ),
    ]
