"""A queue of URLs, one socket deadline for each, and a path that is checked."""

import http.client
import socket
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import SplitResult, unquote, urldefrag, urljoin, urlsplit

from netbasics.practice import Report

SECONDS = 5
MOST_REDIRECTS = 10
REDIRECTS = {301, 302, 303, 307, 308}


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found += [v for name, v in attrs if name in ("href", "src") and v]


def mirror(url: str, folder: Path) -> Report:
    report = Report([], [])
    folder.mkdir(parents=True, exist_ok=True)
    start = urldefrag(url).url
    queue = [(start, 0)]
    known = {start}
    while queue:
        page, hops = queue.pop(0)
        try:
            status, headers, body = fetch(page)
            if status in REDIRECTS and hops < MOST_REDIRECTS:
                found = [urljoin(page, headers["Location"] or "")]
                hops += 1
                if not same_origin(found[0], start):
                    raise ValueError("it leads to another origin")
            elif status == 200:
                save(place(page, folder), body)
                report.saved.append(page)
                found, hops = links(page, headers, body), 0
            else:
                raise ValueError(f"status {status}")
        except (OSError, ValueError, http.client.HTTPException):
            report.failed.append(page)
            continue
        for link in found:
            link = urldefrag(link).url
            if same_origin(link, start) and link not in known:
                known.add(link)
                queue.append((link, hops))
    return report


def origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or 80


def same_origin(link: str, start: str) -> bool:
    try:
        parts = urlsplit(link)
        same = origin(parts) == origin(urlsplit(start))
    except ValueError:
        return False
    return same and "?" not in link and "@" not in parts.netloc


def links(page: str, headers, body: bytes) -> list[str]:
    if headers.get_content_type() != "text/html":
        return []
    parser = Links()
    parser.feed(body.decode("utf-8", "replace"))
    found = []
    for link in parser.found:
        try:
            found.append(urljoin(page, link))
        except ValueError:
            continue
    return found


def fetch(page: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Fetch a page within five seconds, all in all."""
    parts = urlsplit(page)
    end = time.monotonic() + SECONDS
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=SECONDS
    )
    try:
        connection.connect()
        # http.client reads from a file of the socket: whatever it waits for,
        # each single `recv` gets what is left of the five seconds.
        connection.sock = Hurried(connection.sock, end)
        connection.request("GET", parts.path or "/")
        with connection.getresponse() as response:
            return response.status, response.headers, response.read()
    finally:
        connection.close()


class Hurried(socket.socket):
    """A socket with a deadline instead of a timeout."""

    def __init__(self, sock: socket.socket, end: float) -> None:
        super().__init__(fileno=sock.detach())
        self.end = end

    def recv_into(self, *args):
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the page took too long")
        self.settimeout(left)
        return super().recv_into(*args)


def place(page: str, folder: Path) -> Path:
    name = unquote(urlsplit(page).path).lstrip("/")
    if not name or name.endswith("/"):
        name += "index.html"
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name!r} is outside of the folder")
    return path


def save(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
