import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from netbasics.practice import Response

LINK = re.compile(r'<([^>]*)>((?:[^,"]|"[^"]*")*)')
REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
PORTS = {"http": 80, "https": 443}


def paginate(fetch: Callable[[str], Response], first: str) -> Iterator[Any]:
    return pages(fetch, first, fetch(first))


def pages(fetch, first, response):
    visited = set()
    url = first
    while True:
        visited.add(url)
        if not 200 <= response.status < 300:
            raise ValueError(f"{url} was answered with {response.status}")
        data = json.loads(response.body)
        yield from data["items"] if isinstance(data, dict) else data
        reference = next_page(response, data, first)
        if not reference:
            return
        url = urljoin(url, reference)
        if origin(url) != origin(first):
            raise ValueError(f"the next page, {url}, is of another origin")
        if url in visited:
            raise ValueError(f"{url} comes again: the list would never end")
        response = fetch(url)


def next_page(response: Response, data: Any, first: str) -> str | None:
    if not isinstance(data, dict):
        return linked(response.headers)
    if data.get("next"):
        return data["next"]
    if data.get("cursor"):
        return with_cursor(first, data["cursor"])
    return None


def linked(headers: list[tuple[str, str]]) -> str | None:
    for name, value in headers:
        if name.lower() != "link":
            continue
        for target, parameters in LINK.findall(value):
            rel = REL.search(parameters)
            if rel and "next" in (rel[1] or rel[2] or "").lower().split():
                return target
    return None


def with_cursor(url: str, cursor: str) -> str:
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    others = [pair for pair in pairs if pair[0] != "cursor"]
    query = urlencode([*others, ("cursor", cursor)])
    return parts._replace(query=query).geturl()


def origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
