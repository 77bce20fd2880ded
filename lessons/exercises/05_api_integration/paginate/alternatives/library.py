"""An iterator of its own, with the link parser of requests."""

import json
from urllib.parse import parse_qs, urlencode, urljoin, urlparse

from requests.utils import parse_header_links


class paginate:
    def __init__(self, fetch, first):
        self.fetch = fetch
        self.first = self.next = first
        self.seen = []
        self.items = []

    def __iter__(self):
        return self

    def __next__(self):
        while not self.items:
            if not self.next:
                raise StopIteration
            self._load()
        return self.items.pop(0)

    def _load(self):
        url = self.next
        if _origin(url) != _origin(self.first):
            raise ValueError(f"refused: {url} is elsewhere")
        if url in self.seen:
            raise ValueError(f"refused: {url} was there before")
        self.seen.append(url)
        page = self.fetch(url)
        if page.status // 100 != 2:
            raise ValueError(f"status {page.status}")
        data = json.loads(page.body.decode())
        if isinstance(data, list):
            self.items = data
            found = self._linked(page.headers)
        else:
            self.items = data["items"]
            found = data.get("next") or self._cursor(data.get("cursor"))
        self.next = urljoin(url, found) if found else None

    def _linked(self, headers):
        value = ", ".join(v for k, v in headers if k.lower() == "link")
        for link in parse_header_links(value):
            if "next" in link.get("rel", "").split():
                return link["url"]
        return None

    def _cursor(self, cursor):
        if not cursor:
            return None
        url = urlparse(self.first)
        query = parse_qs(url.query, keep_blank_values=True)
        query["cursor"] = [cursor]
        return url._replace(query=urlencode(query, doseq=True)).geturl()


def _origin(text):
    url = urlparse(text)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{url.hostname}:{port}"
