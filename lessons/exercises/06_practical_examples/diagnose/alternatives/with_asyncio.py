"""Streams, under one timeout for both connections."""

import asyncio
import ssl

from netbasics.practice import Cause


def anybody():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def ask(host, port):
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return Cause.REFUSED
    except ConnectionError:
        return Cause.RESET
    try:
        writer.write(b"HEAD / HTTP/1.0\r\n\r\n")
        line = await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError:
        return Cause.NOT_HTTP
    except asyncio.LimitOverrunError:
        return Cause.NOT_HTTP
    except ConnectionError:
        return Cause.RESET
    finally:
        writer.close()
    version, _, rest = line.partition(b" ")
    if version in (b"HTTP/1.0", b"HTTP/1.1") and rest[:3].isdigit():
        return Cause.HEALTHY
    return Cause.NOT_HTTP


async def find_out(host, port):
    loop = asyncio.get_running_loop()
    end = loop.time() + 2
    try:
        async with asyncio.timeout_at(end):
            cause = await ask(host, port)
    except TimeoutError:
        return Cause.TIMEOUT
    if cause in (Cause.RESET, Cause.NOT_HTTP):
        try:
            async with asyncio.timeout_at(end):
                _, writer = await asyncio.open_connection(
                    host, port, ssl=anybody()
                )
            writer.close()
        except OSError:
            return cause
        return Cause.TLS
    return cause


def diagnose(host, port):
    return asyncio.run(find_out(host, port))
