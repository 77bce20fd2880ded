import asyncio


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(listener, stop):
    server = await asyncio.start_server(echo, sock=listener)
    while not stop.is_set():
        await asyncio.sleep(0.1)
    server.close()


def serve(listener, stop):
    asyncio.run(main(listener, stop))
