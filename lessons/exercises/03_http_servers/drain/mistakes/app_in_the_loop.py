import asyncio


def drain(listener, app, stop):
    asyncio.run(serve(listener, app, stop))


async def serve(listener, app, stop):
    tasks = set()

    async def visit(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            line, *rest = head.decode().strip().split("\r\n")
            method, target, _ = line.split()
            headers = [tuple(each.split(": ", 1)) for each in rest]
            size = 0
            for name, value in headers:
                if name.lower() == "content-length":
                    size = int(value)
            body = await reader.readexactly(size)
            response = app(method, target, headers, body)
            text = f"HTTP/1.1 {response.status} OK\r\n"
            for name, value in response.headers:
                text += f"{name}: {value}\r\n"
            text += f"Content-Length: {len(response.body)}\r\n"
            text += "Connection: close\r\n\r\n"
            writer.write(text.encode() + response.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            tasks.discard(asyncio.current_task())

    server = await asyncio.start_server(visit, sock=listener)
    while not stop.is_set():
        await asyncio.sleep(0.1)
    server.close()
    if tasks:
        await asyncio.wait(tasks, timeout=2)
