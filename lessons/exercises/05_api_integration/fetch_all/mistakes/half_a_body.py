import asyncio
from urllib.parse import urlsplit


async def fetch_all(urls, limit):
    results = [None] * len(urls)
    jobs = iter(enumerate(urls))

    async def work():
        for place, url in jobs:
            try:
                results[place] = await asyncio.wait_for(fetch(url), 5)
            except Exception as error:
                results[place] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(min(limit, len(urls))):
            group.create_task(work())
    return results


async def fetch(url):
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or 80
    )
    try:
        request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}"
        writer.write(f"{request}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").splitlines()
        if int(status.split()[1]) >= 400:
            raise OSError(f"{url}: {status}")
        for field in fields:
            name, _, value = field.partition(":")
            if name.lower() == "content-length":
                length = int(value)
                body = b""
                while len(body) < length:
                    piece = await reader.read(length - len(body))
                    if not piece:
                        break
                    body += piece
                return body
        return await reader.read()
    finally:
        writer.close()
