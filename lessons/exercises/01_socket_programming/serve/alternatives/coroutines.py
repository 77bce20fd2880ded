"""A coroutine for each client, on the sockets themselves."""

import asyncio
import contextlib


def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.settimeout(0)
    try:
        asyncio.run(until(stop, listener))
    finally:
        listener.settimeout(timeout)


async def until(stop, listener):
    # What still runs when this returns is cancelled by `asyncio.run`.
    tasks = {asyncio.create_task(accept(listener))}
    while not stop.is_set():
        await asyncio.sleep(0.05)
    tasks.clear()


async def accept(listener):
    loop = asyncio.get_running_loop()
    tasks = set()
    while True:
        sock, _ = await loop.sock_accept(listener)
        task = asyncio.create_task(echo(loop, sock))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def echo(loop, sock):
    with sock, contextlib.suppress(OSError):
        while data := await loop.sock_recv(sock, 65536):
            await loop.sock_sendall(sock, data)
