"""One thread, and a selector that says who can be read or written.

A client is in one of two states: it is read from, or it has something to get.
Nothing is read from it in the second, so little is held, and when its end is
read there is nothing left to send.
"""

import selectors
import socket
import threading
from selectors import EVENT_READ, EVENT_WRITE

PIECE = 65_536
LOOK = 0.05  # seconds between two looks at `stop`


def serve(listener: socket.socket, stop: threading.Event) -> None:
    timeout = listener.gettimeout()
    listener.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(listener, EVENT_READ)
    try:
        while not stop.is_set():
            for key, _ in selector.select(LOOK):
                if key.fileobj is listener:
                    welcome(selector, listener)
                else:
                    attend(selector, key.fileobj, key.data)
    finally:
        for key in list(selector.get_map().values()):
            if key.fileobj is not listener:
                key.fileobj.close()
        selector.close()
        listener.settimeout(timeout)


def welcome(selector, listener):
    try:
        sock, _ = listener.accept()
    except OSError:
        return  # it is gone already
    sock.setblocking(False)
    selector.register(sock, EVENT_READ, b"")


def attend(selector, sock, rest):
    """Send what is left, or read something new."""
    try:
        data = rest or sock.recv(PIECE)
        if data:
            rest = data[sock.send(data) :]
    except BlockingIOError:
        rest = data
    except OSError:
        data = b""
    if data:
        selector.modify(sock, EVENT_WRITE if rest else EVENT_READ, rest)
    else:
        selector.unregister(sock)
        sock.close()
