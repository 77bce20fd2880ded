"""Servers that are ready when their with-block begins and gone when it ends."""

from netbasics.servers.apps import serve
from netbasics.servers.base import Server
from netbasics.servers.echo import EchoServer, GreetingServer, UDPEchoServer
from netbasics.servers.tcp import TCPServer
from netbasics.servers.udp import UDPServer

__all__ = [
    "EchoServer",
    "GreetingServer",
    "Server",
    "TCPServer",
    "UDPEchoServer",
    "UDPServer",
    "serve",
]
