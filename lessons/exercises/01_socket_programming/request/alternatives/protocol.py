"""A datagram protocol of asyncio."""

import asyncio
import secrets


class Asking(asyncio.DatagramProtocol):
    def __init__(self, ident):
        self.ident = ident
        self.answer = asyncio.get_running_loop().create_future()

    def datagram_received(self, data, addr):
        if data[:4] == self.ident and not self.answer.done():
            self.answer.set_result(data[4:])


async def ask(address, data, tries, timeout):
    ident = secrets.token_bytes(4)
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(
        lambda: Asking(ident), remote_addr=address
    )
    try:
        for _ in range(tries):
            transport.sendto(ident + data)
            done, _ = await asyncio.wait([asking.answer], timeout=timeout)
            if done:
                return asking.answer.result()
    finally:
        transport.close()
    raise TimeoutError(f"{tries} tries")


def request(address, data, tries, timeout):
    return asyncio.run(ask(address, data, tries, timeout))
