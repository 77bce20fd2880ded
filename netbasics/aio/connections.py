"""Connections that are used again only if nothing came while they were idle.

What a server says before it was asked is no answer to the next request. aiohttp
takes it for one: the caller gets somebody else's answer, and so does each
request after it. (RFC 9112, section 9.2: a client that receives data on an idle
connection must not take them for a response.)
"""

import asyncio
from functools import partial
from typing import Any

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

from netbasics.sockets.one_buffer import OneBuffer, new_room

__all__ = ["careful"]


class _Quiet(ResponseHandler, OneBuffer):
    """A connection that counts as gone once something unasked for came."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, room: memoryview
    ) -> None:
        super().__init__(loop)
        self.room = room

    def is_connected(self) -> bool:
        """Return whether a request may be sent on it.

        The pool asks this before it hands out a kept connection. aiohttp asks
        only whether it is open, and whether something was left over
        (`should_close`) only at the moment when the last response ends.
        """
        return super().is_connected() and not self.should_close


def careful(connector: TCPConnector) -> TCPConnector:
    """Make a connector throw such connections away; return it.

    It needs a running event loop, as the connector does.
    """
    make: Any = partial(_Quiet, asyncio.get_running_loop(), new_room())
    # There is no public way to choose the protocol of a connector.
    connector._factory = make
    return connector
