"""asyncio's streams; a timeout around the head alone."""

import asyncio
from contextlib import suppress
from http.client import responses

HEX = set("0123456789abcdefABCDEF")


class Refused(Exception):
    pass


def handle(sock, app):
    asyncio.run(_handle(sock, app))


async def _handle(sock, app):
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 20)
    try:
        while await one(reader, writer, app):
            pass
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def one(reader, writer, app):
    first = b""

    async def read_head():
        nonlocal first
        first = await reader.readexactly(1)
        return first + await reader.readuntil(b"\r\n\r\n")

    try:
        head = await asyncio.wait_for(read_head(), 2)
    except TimeoutError:
        if first:
            await answer(writer, 408, [], b"", True)
        return False
    try:
        method, target, headers, body = await request(head, reader)
    except Refused:
        await answer(writer, 400, [], b"", True)
        return False
    try:
        response = await asyncio.to_thread(app, method, target, headers, body)
    except Exception:
        await answer(writer, 500, [], b"", True)
        return False
    last = ("connection", "close") in [
        (name.lower(), value.lower()) for name, value in headers
    ]
    await answer(writer, response.status, response.headers, response.body, last)
    return not last


async def request(head, reader):
    line, *lines = head.decode("latin-1")[:-4].split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not all(words) or words[2] != "HTTP/1.1":
        raise Refused
    headers, sizes, codings = [], [], []
    for each in lines:
        name, colon, value = each.partition(":")
        value = value.strip(" \t")
        if not colon or not name or " " in name or "\t" in name:
            raise Refused
        headers.append((name, value))
        if name.lower() == "content-length":
            sizes.append(value)
        if name.lower() == "transfer-encoding":
            codings.append(value.lower())
    if codings and (sizes or codings != ["chunked"]):
        raise Refused
    if codings:
        body = await chunks(reader)
    elif sizes:
        good = sizes[0].isascii() and sizes[0].isdigit()
        if not good or any(size != sizes[0] for size in sizes):
            raise Refused
        body = await reader.readexactly(int(sizes[0]))
    else:
        body = b""
    return words[0], words[1], headers, body


async def chunks(reader):
    body = []
    while True:
        line = (await reader.readuntil(b"\r\n"))[:-2].decode("latin-1")
        digits = line.split(";")[0].strip()
        if not digits or set(digits) - HEX:
            raise Refused
        if int(digits, 16) == 0:
            break
        body.append(await reader.readexactly(int(digits, 16)))
        if await reader.readexactly(2) != b"\r\n":
            raise Refused
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return b"".join(body)


async def answer(writer, status, headers, body, last):
    text = f"HTTP/1.1 {status} {responses[status]}\r\n"
    for name, value in headers:
        text += f"{name}: {value}\r\n"
    if last:
        text += "Connection: close\r\n"
    text += f"Content-Length: {len(body)}\r\n\r\n"
    writer.write(text.encode("latin-1") + body)
    await writer.drain()
