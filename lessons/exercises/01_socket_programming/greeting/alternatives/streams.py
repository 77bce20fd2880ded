"""The same with asyncio."""

import asyncio


async def everything(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


def greeting(address):
    return str(asyncio.run(everything(*address)), "utf-8")
