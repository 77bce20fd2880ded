"""Tasks instead of threads; two sets say who is still waiting for what."""

import asyncio
import time
from http import HTTPStatus


def drain(listener, app, stop):
    asyncio.run(_drain(listener, app, stop))


async def _drain(listener, app, stop):
    silent, arriving, tasks = set(), set(), set()

    async def visit(reader, writer):
        task = asyncio.current_task()
        tasks.add(task)
        silent.add(task)
        try:
            first = await reader.read(1)
            silent.discard(task)
            arriving.add(task)
            head = first + await reader.readuntil(b"\r\n\r\n")
            line, *rest = head.decode("latin-1").split("\r\n")[:-2]
            method, target, _ = line.split(" ")
            headers = [tuple(each.split(":", 1)) for each in rest]
            headers = [(name, value.strip()) for name, value in headers]
            sizes = {name.lower(): value for name, value in headers}
            size = int(sizes.get("content-length", "0"))
            body = await reader.readexactly(size)
            arriving.discard(task)
            response = await asyncio.to_thread(
                app, method, target, headers, body
            )
            writer.write(written(response))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            for group in (silent, arriving, tasks):
                group.discard(task)
            writer.close()

    server = await asyncio.start_server(visit, sock=listener)
    while not stop.is_set():
        await asyncio.sleep(0.05)
    server.close()
    for task in list(silent):
        task.cancel()
    due = time.monotonic() + 2
    while arriving and time.monotonic() < due:
        await asyncio.sleep(0.02)
    for task in list(arriving):
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    await asyncio.sleep(0)


def written(response):
    text = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"
    for name, value in response.headers:
        text += f"\r\n{name}: {value}"
    text += f"\r\nContent-Length: {len(response.body)}"
    text += "\r\nConnection: close\r\n\r\n"
    return text.encode("latin-1") + response.body
