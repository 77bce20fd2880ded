"""Eight pages at a time, read by hand with asyncio's streams."""

import asyncio
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit

from netbasics.practice import Report


class Site:
    def __init__(self, url, folder):
        self.folder = folder
        self.start = urldefrag(url)[0]
        self.netloc = urlsplit(self.start).netloc
        self.seen = set()
        self.report = Report([], [])
        self.limit = asyncio.Semaphore(8)

    async def visit(self, url, hops=0):
        if url in self.seen or hops > 9:
            return
        self.seen.add(url)
        try:
            async with self.limit, asyncio.timeout(5):
                status, headers, body = await self.get(urlsplit(url).path)
            if status in (301, 302, 303, 307, 308):
                target = self.follow(url, headers["location"])
                if target is None:
                    raise ValueError("no place to go")
                await self.visit(target, hops + 1)
                return
            if status != 200:
                raise ValueError(status)
            self.write(urlsplit(url).path, body)
        except (OSError, ValueError, KeyError, EOFError):
            self.report.failed.append(url)
            return
        self.report.saved.append(url)
        kind = headers.get("content-type", "").partition(";")[0]
        if kind.strip().lower() == "text/html":
            found = {self.follow(url, link) for link in find(body)} - {None}
            await asyncio.gather(*(self.visit(link) for link in found))

    def follow(self, page, link):
        """The link's URL if it is on this site and is to be asked for."""
        try:
            parts = urlsplit(urldefrag(urljoin(page, link))[0])
        except ValueError:
            return None
        if parts.scheme != "http" or parts.netloc != self.netloc or parts.query:
            return None
        return parts._replace(path=parts.path or "/").geturl()

    async def get(self, path):
        host, _, port = self.netloc.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port or 80))
        try:
            writer.write(
                (
                    f"GET {path} HTTP/1.1\r\nHost: {self.netloc}\r\n"
                    "Connection: close\r\n\r\n"
                ).encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:-2]:
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = await self.body(reader, headers)
        finally:
            writer.close()
        return int(lines[0].split()[1]), headers, body

    async def body(self, reader, headers):
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers["content-length"]))
        pieces = []
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            pieces.append((await reader.readexactly(size + 2))[:-2])
            if not size:
                return b"".join(pieces)

    def write(self, path, body):
        """Names are left as they are in the URL; odd ones are refused."""
        if not re.fullmatch(r"/(?:[\w.%~-]+/)*[\w.%~-]*", path):
            raise ValueError(path)
        parts = PurePosixPath(path).parts[1:]
        if ".." in parts:
            raise ValueError(path)
        target = self.folder.joinpath(*parts)
        if path.endswith("/"):
            target /= "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def find(body):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.extend(
        value for name, value in attrs if name in ("href", "src") and value
    )
    parser.feed(body.decode("utf-8", "replace"))
    return found


def mirror(url, folder):
    folder.mkdir(parents=True, exist_ok=True)

    async def run():
        site = Site(url, folder)
        await site.visit(site.start)
        return site.report

    return asyncio.run(run())
