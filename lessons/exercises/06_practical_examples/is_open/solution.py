"""Let asyncio try the addresses, and give it a second for all of them."""

import asyncio


async def dial(host: str, port: int) -> None:
    async with asyncio.timeout(1):
        _, writer = await asyncio.open_connection(host, port)
    writer.close()


def is_open(host: str, port: int) -> bool:
    try:
        asyncio.run(dial(host, port))
    except OSError:  # refused, too late, or a name that nobody knows
        return False
    return True
