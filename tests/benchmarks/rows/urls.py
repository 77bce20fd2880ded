"""URLs: taking apart, joining, encoding."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.parse import urlencode, urljoin, urlsplit

from benchmarks.measuring import Contender, Figure, Row, Turn, timed
from netbasics import urls

MANY = 20_000
LONG = 2_000_000  # characters


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


def _yarl_parse(texts: list[str]) -> None:
    """Take apart with yarl, which works out the parts when they are read."""
    from yarl import URL

    for text in texts:
        url = URL(text)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(text)
        if not url.port:
            raise ValueError(text)


def _yarl_join(base: str, reference: str) -> str:
    from yarl import URL

    return str(URL(base).join(URL(reference)))


def _yarl_query(pairs: list[tuple[str, str]]) -> str:
    from yarl import URL

    return URL.build(query=pairs).raw_query_string


def _there_and_back(text: str) -> None:
    if urls.unquote(urls.quote(text)) != text:
        raise ValueError(text)


def _with_yarl(work: Callable[[int], object]) -> dict[str, Contender]:
    return {"yarl": _turns(work, MANY)} if find_spec("yarl") else {}


def _long(length: int) -> list[str]:
    """Return distinct URLs of so many characters; LONG in all."""
    piece = "/books/../Zo%C3%AB;v=1"
    path = piece * (length // len(piece) // 2)
    field = "&by=name%2Fasc"
    texts = []
    for n in range(LONG // length):
        start = f"https://shop.example/{n}{path}?page={n}"
        texts.append(start + field * ((length - len(start)) // len(field)))
    return texts


def _growing(name: str, times: int, work: Callable[[str], object]) -> Row:
    """Return the row about URLs that are ten times as long.

    Long ones, so that what does not grow is little beside what does.
    """
    few, many = "10,000 characters", "100,000 characters"

    def contender(length: int) -> Contender:
        texts = _long(length)

        def through(count: int) -> None:
            for text in texts * times:
                work(text)

        return _turns(through, times * sum(map(len, texts)) // 1000)

    return Row(
        f"urls-growth-{name}",
        f"URLs ten times as long: {name.replace('-', ' ')}",
        "kB",
        {few: contender(10_000), many: contender(100_000)},
        [Figure("cpu_each", 1.2, "at most", many)],
    )


def _growing_query() -> Row:
    """Return the row about queries that have ten times the pairs."""
    few, many = "1,000 pairs", "10,000 pairs"
    pairs = [(f"field {n}", f"Zoë & co/{n}") for n in range(MANY)]

    def contender(size: int) -> Contender:
        queries = [pairs[n : n + size] for n in range(0, MANY, size)]

        def work(count: int) -> None:
            for query in queries * (count // MANY):
                urls.encode_query(query)

        return _turns(work, 5 * MANY)

    return Row(
        "urls-growth-encode-query",
        "a query of ten times the pairs",
        "pairs",
        {few: contender(1_000), many: contender(10_000)},
        [Figure("cpu_each", 1.2, "at most", many)],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    missing = {} if find_spec("yarl") else {"yarl": "it is not installed"}
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
                **_with_yarl(lambda n: _yarl_parse(texts[:n])),
            },
            [Figure("rate", 0.8, "at least")],
            missing,
        ),
        Row(
            "urls-join",
            "join a base and a reference",
            "joins",
            {
                "urljoin": _turns(joined(urljoin), MANY),
                "netbasics": _turns(joined(urls.join), MANY),
                **_with_yarl(joined(_yarl_join)),
            },
            [Figure("rate", 0.9, "at least")],
            missing,
        ),
        Row(
            "urls-encode-query",
            "encode a query of three pairs",
            "queries",
            {
                "urlencode": _turns(encoded(urlencode), MANY),
                "netbasics": _turns(encoded(urls.encode_query), MANY),
                **_with_yarl(encoded(_yarl_query)),
            },
            [Figure("rate", 0.95, "at least")],
            missing,
        ),
        _growing("parse", 20, urls.parse),
        _growing("normalize", 2, urls.normalize),
        _growing("join", 8, lambda text: urls.join(base, text)),
        _growing("quote-unquote", 1, _there_and_back),
        _growing_query(),
    ]
